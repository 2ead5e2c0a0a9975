/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-28: its store type has no operations. */
#include "minimal_plugin.h"

MINIMAL_PLUGIN_OF_TYPE(.table = NULL);
