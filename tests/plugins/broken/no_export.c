/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-1: it exports nothing. */
#include "minimal_plugin.h"

MANIFEST(MINIMAL_MANIFEST);
