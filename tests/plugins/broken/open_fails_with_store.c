/* SPDX-License-Identifier: Apache-2.0
 *
 * AT-23: it fails, and gives a store all the same, one that must not be touched. */
#include "minimal_plugin.h"

static kist_status open_fails(const kist_host* host, kist_call* call,
                              const kist_open_request* request, kist_store** store) {
  (void)host;
  (void)call;
  (void)request;
  *store = (kist_store*)(uintptr_t)16;
  return KIST_UNAVAILABLE;
}

MINIMAL_PLUGIN_OF_TYPE(.open = open_fails);
