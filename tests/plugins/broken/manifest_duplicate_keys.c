/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-23: its manifest has two ids. */
#include "minimal_plugin.h"

MANIFEST("{\"manifest\":1,\"id\":\"org.example.good\",\"id\":\"org.example.evil\"}");
STORE_TABLE();
STORE_TYPE();
PLUGIN();
