/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-28: nothing ends its list of store types. */
#include "minimal_plugin.h"

MANIFEST(MINIMAL_MANIFEST);
STORE_TABLE();
STORE_TYPE();
#define FOUR &store_type, &store_type, &store_type, &store_type
static const kist_store_type* const endless[] = {FOUR, FOUR, FOUR, FOUR, FOUR};
PLUGIN(.store_types = endless);
