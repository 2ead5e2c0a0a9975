/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-18: it takes 128 bytes of static thread-local storage. */
#include "minimal_plugin.h"

static _Thread_local volatile char seen[128] __attribute__((tls_model("initial-exec")));

static kist_status get(kist_store* store, kist_call* call, const kist_get_request* request) {
  seen[0] = (char)request->id.bytes[0];
  return good_get(store, call, request);
}

MINIMAL_PLUGIN(.get_secret = get);
