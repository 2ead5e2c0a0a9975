/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-29: its record ends before the scope. */
#include "minimal_plugin.h"

static kist_status get(kist_store* store, kist_call* call, const kist_get_request* request) {
  kist_record record = record_of(request->id, "a secret");
  record.struct_size = offsetof(kist_record, scope);
  send_secret(store, call, &record);
  return KIST_OK;
}

MINIMAL_PLUGIN(.get_secret = get);
