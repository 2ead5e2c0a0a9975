/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-3: it has a capability that its manifest does not declare. */
#include "minimal_plugin.h"

MINIMAL_PLUGIN_OF_TYPE(.capabilities = KIST_CAP_SCAN | KIST_CAP_LOCAL | KIST_CAP_PERSISTENT);
