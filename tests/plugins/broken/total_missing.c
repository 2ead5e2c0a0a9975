/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-29: it is asked for a total, and gives none. */
#include "minimal_plugin.h"

MANIFEST(MINIMAL_MANIFEST_OF(MINIMAL_ID, 1,
                             "{\"type\":\"minimal\",\"threading\":\"serial\","
                             "\"capabilities\":[\"native_query\"]}"));
STORE_TABLE();
STORE_TYPE(.capabilities = KIST_CAP_NATIVE_QUERY);
PLUGIN();
