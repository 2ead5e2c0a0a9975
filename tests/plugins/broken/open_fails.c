/* SPDX-License-Identifier: Apache-2.0
 *
 * It cannot open, and says why, and what the back-end said, and when to try again. */
#include "minimal_plugin.h"

static kist_status open_fails(const kist_host* host, kist_call* call,
                              const kist_open_request* request, kist_store** store) {
  (void)request;
  (void)store;
  const kist_error error = {.struct_size = sizeof(error),
                            .flags = KIST_ERROR_STORE_BROKEN,
                            .message = text("cannot reach 'db.example': connection refused"),
                            .backend_code = text("ECONNREFUSED"),
                            .retry_after_ms = 1500};
  return host->fail(call, KIST_UNAVAILABLE, &error);
}

MINIMAL_PLUGIN_OF_TYPE(.open = open_fails);
