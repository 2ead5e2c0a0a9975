/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-14: mapping it sets an environment variable. */
#define _POSIX_C_SOURCE 200809L
#include "minimal_plugin.h"

static __attribute__((constructor)) void set(void) { setenv("PATH", "/evil", 1); }

MINIMAL_PLUGIN();
