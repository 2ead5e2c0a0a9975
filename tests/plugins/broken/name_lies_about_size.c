/* SPDX-License-Identifier: Apache-2.0
 *
 * AT-23: a secret whose name says that it has SIZE_MAX bytes. */
#include "minimal_plugin.h"

static kist_status get(kist_store* store, kist_call* call, const kist_get_request* request) {
  kist_record record = record_of(request->id, "a secret");
  record.name.size = SIZE_MAX;
  return send_secret(store, call, &record);
}

MINIMAL_PLUGIN(.get_secret = get);
