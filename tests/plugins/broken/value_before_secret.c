/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-29: it gives a value before the secret that it belongs to. */
#include "minimal_plugin.h"

static kist_status get(kist_store* store, kist_call* call, const kist_get_request* request) {
  send_value(store, call, "user", text("alice"));
  return good_get(store, call, request);
}

MINIMAL_PLUGIN(.get_secret = get);
