/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-29: it fails, gives a secret, and returns KIST_OK. */
#include "minimal_plugin.h"

static kist_status get(kist_store* store, kist_call* call, const kist_get_request* request) {
  fail(store, call, KIST_NOT_FOUND, "there is no such secret");
  return good_get(store, call, request);
}

MINIMAL_PLUGIN(.get_secret = get);
