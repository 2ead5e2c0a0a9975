/* SPDX-License-Identifier: Apache-2.0
 *
 * It fails twice: the first reason counts. */
#include "minimal_plugin.h"

static kist_status get(kist_store* store, kist_call* call, const kist_get_request* request) {
  (void)request;
  fail(store, call, KIST_NOT_FOUND, "there is no such secret");
  return fail(store, call, KIST_INTERNAL, "and now for something else");
}

MINIMAL_PLUGIN(.get_secret = get);
