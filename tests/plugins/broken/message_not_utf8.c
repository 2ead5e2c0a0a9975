/* SPDX-License-Identifier: Apache-2.0
 *
 * AT-42: its error is not UTF-8. */
#include "minimal_plugin.h"

static kist_status get(kist_store* store, kist_call* call, const kist_get_request* request) {
  (void)request;
  return fail(store, call, KIST_INTERNAL, "acc\xe8s refus\xe9");
}

MINIMAL_PLUGIN(.get_secret = get);
