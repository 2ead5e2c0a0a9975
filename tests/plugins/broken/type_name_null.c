/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-28: its store type has no name. */
#include "minimal_plugin.h"

MINIMAL_PLUGIN_OF_TYPE(.name = NULL);
