/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-3: it says "serial" in its manifest, and wants many calls at once. */
#include "minimal_plugin.h"

MINIMAL_PLUGIN_OF_TYPE(.threading = KIST_THREADING_CONCURRENT);
