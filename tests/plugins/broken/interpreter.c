/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-20: it names a program interpreter, as programs do. */
#include "minimal_plugin.h"

__attribute__((used, section(".interp"))) static const char interpreter[] =
    "/lib64/ld-linux-x86-64.so.2";

MINIMAL_PLUGIN();
