/* SPDX-License-Identifier: Apache-2.0
 *
 * A secret whose name has 256 code points. */
#include "minimal_plugin.h"

static kist_status get(kist_store* store, kist_call* call, const kist_get_request* request) {
  char name[257] = "";
  memset(name, 'n', sizeof(name) - 1);
  const kist_record record = record_of(request->id, name);
  return send_secret(store, call, &record);
}

MINIMAL_PLUGIN(.get_secret = get);
