/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-29: it gives another secret than the one that was asked for. */
#include "minimal_plugin.h"

static kist_status get(kist_store* store, kist_call* call, const kist_get_request* request) {
  (void)request;
  const kist_record record = record_of((kist_uuid){{9}}, "somebody else's");
  return send_secret(store, call, &record);
}

MINIMAL_PLUGIN(.get_secret = get);
