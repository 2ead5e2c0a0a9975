/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-24: its note is of ABI major 2. */
#include <kist/plugin.h>
#undef KIST_NOTE_TYPE
#define KIST_NOTE_TYPE 0x4B500002u
#include "minimal_plugin.h"

MINIMAL_PLUGIN();
