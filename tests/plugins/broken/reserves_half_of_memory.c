/* SPDX-License-Identifier: Apache-2.0
 *
 * It reserves 2^63 bytes, is refused, and says so in its own words, which are not needed. */
#include "minimal_plugin.h"

static kist_status get(kist_store* store, kist_call* call, const kist_get_request* request) {
  const kist_record record = record_of(request->id, "a secret");
  store->host->secret_begin(call, &record);
  if (store->host->value_reserve(call, text("user"), (size_t)1 << 63) != NULL) abort();
  return fail(store, call, KIST_INTERNAL, "the host is small");
}

MINIMAL_PLUGIN(.get_secret = get);
