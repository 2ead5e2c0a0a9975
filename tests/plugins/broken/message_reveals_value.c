/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-15: it quotes the value that it should store in its error. */
#include "minimal_plugin.h"

static kist_status create(kist_store* store, kist_call* call, const kist_create_request* request) {
  const kist_bytes value = request->values[0].value;
  char message[256] = "cannot write '";
  strncat(message, value.data, value.size);
  strcat(message, "'");
  return fail(store, call, KIST_UNAVAILABLE, message);
}

MINIMAL_PLUGIN(.create_secret = create);
