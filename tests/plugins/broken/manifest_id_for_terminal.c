/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-23: its id would clear the terminal of who reads it. */
#include "minimal_plugin.h"

MANIFEST(MINIMAL_MANIFEST_OF("\x1b[2J", 1, MINIMAL_STORE));
STORE_TABLE();
STORE_TYPE();
PLUGIN();
