/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-7: its error says that it has 4 GiB; what is known of it lies at its start. */
#include "minimal_plugin.h"

static kist_status get(kist_store* store, kist_call* call, const kist_get_request* request) {
  (void)request;
  const kist_error error = {.struct_size = UINT32_MAX, .message = text("seen")};
  return store->host->fail(call, KIST_UNAVAILABLE, &error);
}

MINIMAL_PLUGIN(.get_secret = get);
