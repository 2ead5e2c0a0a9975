/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-14: opening a store changes the working directory, and the store is closed again. */
#include <unistd.h>

#include "minimal_plugin.h"

static kist_status open_elsewhere(const kist_host* host, kist_call* call,
                                  const kist_open_request* request, kist_store** store) {
  if (chdir("/proc") != 0) abort();
  return good_open(host, call, request, store);
}

static kist_host const* opened_by;
static void close_aloud(kist_store* store) {
  opened_by = store->host;
  opened_by->log(opened_by, KIST_LOG_INFO, text("closed"));
  good_close(store);
}

MANIFEST(MINIMAL_MANIFEST);
STORE_TABLE(.close = close_aloud);
STORE_TYPE(.open = open_elsewhere);
PLUGIN();
