/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-11: it returns 20 ms after its deadline, with a secret. Nothing in a process can stop it. */
#define _POSIX_C_SOURCE 200809L
#include <time.h>

#include "minimal_plugin.h"

static kist_status get(kist_store* store, kist_call* call, const kist_get_request* request) {
  const int64_t until = store->host->deadline_ns(call) + 20 * 1000 * 1000;
  const struct timespec time = {until / 1000000000, until % 1000000000};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
  return good_get(store, call, request);
}

MINIMAL_PLUGIN(.get_secret = get);
