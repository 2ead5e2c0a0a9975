/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-14: mapping it replaces a signal handler, before any check of ours could run in it. */
#define _POSIX_C_SOURCE 200809L
#include <signal.h>

#include "minimal_plugin.h"

static void ignore(int signal_number) { (void)signal_number; }

static __attribute__((constructor)) void replace_handler(void) { signal(SIGUSR1, ignore); }

MINIMAL_PLUGIN();
