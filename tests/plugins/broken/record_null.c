/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-29: it begins a secret without a record. */
#include "minimal_plugin.h"

static kist_status get(kist_store* store, kist_call* call, const kist_get_request* request) {
  (void)request;
  send_secret(store, call, NULL);
  return KIST_OK;
}

MINIMAL_PLUGIN(.get_secret = get);
