/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-24: its table is of ABI major 2. */
#include "minimal_plugin.h"

MANIFEST(MINIMAL_MANIFEST);
STORE_TABLE();
STORE_TYPE();
PLUGIN(.abi_major = 2);
