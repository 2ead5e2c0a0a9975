/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-28: it has no list of store types. */
#include "minimal_plugin.h"

MANIFEST(MINIMAL_MANIFEST);
STORE_TABLE();
STORE_TYPE();
PLUGIN(.store_types = NULL);
