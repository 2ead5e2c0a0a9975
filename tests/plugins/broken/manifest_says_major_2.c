/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-24: its note is of ABI major 1, and what stands in it says 2. */
#include "minimal_plugin.h"

MANIFEST(MINIMAL_MANIFEST_OF(MINIMAL_ID, 2, MINIMAL_STORE));
STORE_TABLE();
STORE_TYPE();
PLUGIN();
