/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-14: mapping it blocks a signal. */
#define _POSIX_C_SOURCE 200809L
#include <signal.h>

#include "minimal_plugin.h"

static __attribute__((constructor)) void block(void) {
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGTERM);
  sigprocmask(SIG_BLOCK, &mask, NULL);
}

MINIMAL_PLUGIN();
