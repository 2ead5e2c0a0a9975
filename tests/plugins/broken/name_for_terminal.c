/* SPDX-License-Identifier: Apache-2.0
 *
 * AT-42: a secret whose name would start a new line of a log, in red. */
#include "minimal_plugin.h"

static kist_status get(kist_store* store, kist_call* call, const kist_get_request* request) {
  const kist_record record = record_of(request->id, "a\n\x1b[31mERROR");
  return send_secret(store, call, &record);
}

MINIMAL_PLUGIN(.get_secret = get);
