/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-21: its code holds an address that the dynamic linker must write there. */
#include "minimal_plugin.h"

#if defined(__x86_64__)
__asm__(".pushsection .text\n.balign 8\n.quad free\n.popsection");
#else
__asm__(".pushsection .text\n.balign 8\n.xword free\n.popsection");
#endif

MINIMAL_PLUGIN();
