/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-14: mapping it changes the working directory. */
#include <unistd.h>

#include "minimal_plugin.h"

static __attribute__((constructor)) void leave(void) {
  if (chdir("/proc") != 0) abort();
}

MINIMAL_PLUGIN();
