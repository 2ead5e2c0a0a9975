/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-28: its operations end before close(). */
#include "minimal_plugin.h"

MINIMAL_PLUGIN(.struct_size = offsetof(kist_store_table, close));
