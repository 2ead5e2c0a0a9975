/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-3: its table has another store type than its manifest. */
#include "minimal_plugin.h"

MINIMAL_PLUGIN_OF_TYPE(.name = "maximal");
