/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-23: its manifest is a shopping list. */
#include "minimal_plugin.h"

MANIFEST("milk, eggs");
STORE_TABLE();
STORE_TYPE();
PLUGIN();
