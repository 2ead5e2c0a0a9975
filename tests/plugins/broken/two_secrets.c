/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-29: it gives two secrets for one. */
#include "minimal_plugin.h"

static kist_status get(kist_store* store, kist_call* call, const kist_get_request* request) {
  good_get(store, call, request);
  good_get(store, call, request);
  return KIST_OK;
}

MINIMAL_PLUGIN(.get_secret = get);
