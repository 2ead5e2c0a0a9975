/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-23: its manifest has more than 64 KiB. */
#include "minimal_plugin.h"

STORE_TABLE();
STORE_TYPE();
PLUGIN();
__asm__(
    ".pushsection .note.kist,\"a\"\n.balign 4\n.long 11, 65540, 0x4b500001\n"
    ".asciz \"KistPlugin\"\n.balign 4\n.fill 65540,1,32\n.popsection");
