/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-22: it needs a library of its own. */
#include "minimal_plugin.h"

MINIMAL_PLUGIN();
