/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-28: it has no close(). */
#include "minimal_plugin.h"

MINIMAL_PLUGIN(.close = NULL);
