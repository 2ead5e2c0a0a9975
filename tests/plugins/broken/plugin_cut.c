/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-28: its struct_size ends before its store types. */
#include "minimal_plugin.h"

MANIFEST(MINIMAL_MANIFEST);
STORE_TABLE();
STORE_TYPE();
PLUGIN(.struct_size = offsetof(kist_plugin, store_types));
