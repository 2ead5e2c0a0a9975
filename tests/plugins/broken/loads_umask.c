/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-14: mapping it changes the umask. */
#include <sys/stat.h>

#include "minimal_plugin.h"

static __attribute__((constructor)) void widen(void) { umask(0); }

MINIMAL_PLUGIN();
