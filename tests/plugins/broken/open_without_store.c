/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-29: it opens, and gives no store. */
#include "minimal_plugin.h"

static kist_status open_nothing(const kist_host* host, kist_call* call,
                                const kist_open_request* request, kist_store** store) {
  (void)host;
  (void)call;
  (void)request;
  (void)store;
  return KIST_OK;
}

MINIMAL_PLUGIN_OF_TYPE(.open = open_nothing);
