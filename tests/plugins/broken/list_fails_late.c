/* SPDX-License-Identifier: Apache-2.0
 *
 * It sends rows, then fails: the failure counts. */
#include "minimal_plugin.h"

static kist_status list(kist_store* store, kist_call* call, const kist_list_request* request) {
  good_list(store, call, request);
  return fail(store, call, KIST_UNAVAILABLE, "the connection broke");
}

MINIMAL_PLUGIN(.list_secrets = list);
