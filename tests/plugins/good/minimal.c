/* SPDX-License-Identifier: Apache-2.0
 *
 * The smallest plugin that the loader takes. */
#include "minimal_plugin.h"

MINIMAL_PLUGIN();
