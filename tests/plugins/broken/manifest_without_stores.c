/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-23: it provides nothing. */
#include "minimal_plugin.h"

MANIFEST(MINIMAL_MANIFEST_OF(MINIMAL_ID, 1, ""));
STORE_TABLE();
STORE_TYPE();
PLUGIN();
