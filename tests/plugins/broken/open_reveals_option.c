/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-15: it quotes its configured token in its error. */
#include "minimal_plugin.h"

static kist_status open_fails(const kist_host* host, kist_call* call,
                              const kist_open_request* request, kist_store** store) {
  (void)store;
  char message[256] = "token '";
  strncat(message, request->options[0].text.data, request->options[0].text.size);
  strcat(message, "' is wrong");
  const kist_error error = {.struct_size = sizeof(error),
                            .message = text(message),
                            .backend_code = request->options[0].text};
  return host->fail(call, KIST_STORE_DENIED, &error);
}

MINIMAL_PLUGIN_OF_TYPE(.open = open_fails);
