/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-3: its table has another id than its manifest. */
#include "minimal_plugin.h"

MANIFEST(MINIMAL_MANIFEST);
STORE_TABLE();
STORE_TYPE();
PLUGIN(.id = "org.example.other\n");
