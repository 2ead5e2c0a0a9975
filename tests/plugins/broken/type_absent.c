/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-3: its list of store types is empty. */
#include "minimal_plugin.h"

MANIFEST(MINIMAL_MANIFEST);
STORE_TABLE();
STORE_TYPE();
static const kist_store_type* const none[] = {NULL};
PLUGIN(.store_types = none);
