/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-8: it returns a status that no version of the ABI has. */
#include "minimal_plugin.h"

static kist_status get(kist_store* store, kist_call* call, const kist_get_request* request) {
  (void)store;
  (void)call;
  (void)request;
  return -7;
}

MINIMAL_PLUGIN(.get_secret = get);
