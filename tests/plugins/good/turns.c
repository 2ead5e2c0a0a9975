/* SPDX-License-Identifier: Apache-2.0
 *
 * A serial store that finds out whether its calls overlap, and one that waits in a call until that
 * call is cancelled: update_secret() says "waiting" to the log first. */
#define _POSIX_C_SOURCE 200809L
#include <poll.h>
#include <sched.h>
#include <stdatomic.h>

#include "minimal_plugin.h"

static atomic_int calls_inside;

static kist_status alone(kist_store* store, kist_call* call, const kist_get_request* request) {
  int others = atomic_fetch_add(&calls_inside, 1);
  for (int i = 0; i < 20; ++i) {
    sched_yield();
    others += atomic_load(&calls_inside) - 1;
  }
  atomic_fetch_sub(&calls_inside, 1);
  if (others != 0) return fail(store, call, KIST_INTERNAL, "two calls at once");
  return good_get(store, call, request);
}

static kist_status wait_for_cancel(kist_store* store, kist_call* call,
                                   const kist_update_request* request) {
  (void)request;
  struct pollfd cancel = {.fd = store->host->cancel_fd(call), .events = POLLIN};
  store->host->log(store->host, KIST_LOG_INFO, text("waiting"));
  poll(&cancel, 1, -1);
  return fail(store, call, KIST_CANCELLED, "the call was cancelled");
}

MINIMAL_PLUGIN(.get_secret = alone, .update_secret = wait_for_cancel);
