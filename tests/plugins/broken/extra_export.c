/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-1: it exports a second symbol. */
#include "minimal_plugin.h"

KIST_EXPORT int another_symbol(void);
int another_symbol(void) { return 1; }

MINIMAL_PLUGIN();
