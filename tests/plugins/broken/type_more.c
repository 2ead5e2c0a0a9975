/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-3: it has more store types than its manifest. */
#include "minimal_plugin.h"

MANIFEST(MINIMAL_MANIFEST);
STORE_TABLE();
STORE_TYPE();
static const kist_store_type second = {sizeof(second), KIST_THREADING_SERIAL, KIST_CAP_SCAN,
                                       "second",       &store_table,          good_open};
static const kist_store_type* const both[] = {&store_type, &second, NULL};
PLUGIN(.store_types = both);
