/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-29: it gives a secret to who deletes one. */
#include "minimal_plugin.h"

static kist_status delete_secret(kist_store* store, kist_call* call,
                                 const kist_delete_request* request) {
  const kist_record record = record_of(request->id, "a secret");
  send_secret(store, call, &record);
  return KIST_OK;
}

MINIMAL_PLUGIN(.delete_secret = delete_secret);
