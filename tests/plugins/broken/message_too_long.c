/* SPDX-License-Identifier: Apache-2.0
 *
 * Its error has a megabyte. */
#include "minimal_plugin.h"

static char message[1024 * 1024 + 1];

static kist_status get(kist_store* store, kist_call* call, const kist_get_request* request) {
  (void)request;
  memset(message, 'm', sizeof(message) - 1);
  return fail(store, call, KIST_INTERNAL, message);
}

MINIMAL_PLUGIN(.get_secret = get);
