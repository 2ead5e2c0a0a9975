/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-15: it quotes the value that it has just read in its error. */
#include "minimal_plugin.h"

static kist_status get(kist_store* store, kist_call* call, const kist_get_request* request) {
  good_get(store, call, request);
  return fail(store, call, KIST_CORRUPT, "'correct horse' fails its check");
}

MINIMAL_PLUGIN(.get_secret = get);
