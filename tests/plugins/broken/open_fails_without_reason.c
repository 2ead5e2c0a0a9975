/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-17: it cannot open, and does not say why. */
#include "minimal_plugin.h"

static kist_status open_fails(const kist_host* host, kist_call* call,
                              const kist_open_request* request, kist_store** store) {
  (void)host;
  (void)call;
  (void)request;
  (void)store;
  return KIST_STORE_DENIED;
}

MINIMAL_PLUGIN_OF_TYPE(.open = open_fails);
