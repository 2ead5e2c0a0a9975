/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-28: it has no get_secret(). */
#include "minimal_plugin.h"

MINIMAL_PLUGIN(.get_secret = NULL);
