/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-23: its manifest stops in the middle. */
#include "minimal_plugin.h"

MANIFEST("{\"manifest\":1,\"id\":\"org.exa");
STORE_TABLE();
STORE_TYPE();
PLUGIN();
