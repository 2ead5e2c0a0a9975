/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-14: mapping it closes descriptor 0, so that the next file to be opened becomes standard
 * input. */
#include <unistd.h>

#include "minimal_plugin.h"

static __attribute__((constructor)) void close_input(void) { close(0); }

MINIMAL_PLUGIN();
