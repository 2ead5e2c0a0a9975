/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-14: mapping it changes the locale. */
#include <locale.h>

#include "minimal_plugin.h"

static __attribute__((constructor)) void change(void) { setlocale(LC_NUMERIC, "C.UTF-8"); }

MINIMAL_PLUGIN();
