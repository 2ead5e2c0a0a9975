/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-28: it has no id. */
#include "minimal_plugin.h"

MANIFEST(MINIMAL_MANIFEST);
STORE_TABLE();
STORE_TYPE();
PLUGIN(.id = NULL);
