/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-28: its store type has no open(). */
#include "minimal_plugin.h"

MINIMAL_PLUGIN_OF_TYPE(.open = NULL);
