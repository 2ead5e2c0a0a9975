/* SPDX-License-Identifier: Apache-2.0
 *
 * A secret whose name is not UTF-8. */
#include "minimal_plugin.h"

static kist_status get(kist_store* store, kist_call* call, const kist_get_request* request) {
  const kist_record record = record_of(request->id, "caf\xe9");
  return send_secret(store, call, &record);
}

MINIMAL_PLUGIN(.get_secret = get);
