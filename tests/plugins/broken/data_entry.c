/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-1: its entry point is a variable. */
#define kist_plugin_v1 kist_plugin_v1_as_declared
#include "minimal_plugin.h"
#undef kist_plugin_v1

MANIFEST(MINIMAL_MANIFEST);
extern KIST_EXPORT int kist_plugin_v1;
KIST_EXPORT int kist_plugin_v1 = 1;
