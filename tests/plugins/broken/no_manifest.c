/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-23: it has no manifest. */
#include "minimal_plugin.h"

STORE_TABLE();
STORE_TYPE();
PLUGIN();
