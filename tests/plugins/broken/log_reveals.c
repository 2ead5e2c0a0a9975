/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-15: it logs its configured token, when it opens and later, and the values that pass. */
#include "minimal_plugin.h"

static char token[64];

static void say(const kist_host* host, const char* what, kist_bytes secret) {
  char line[256] = "";
  strncat(line, what, 100);
  strncat(line, secret.data, secret.size);
  host->log(host, KIST_LOG_WARNING, text(line));
}

static kist_status open_logs(const kist_host* host, kist_call* call,
                             const kist_open_request* request, kist_store** store) {
  strncat(token, request->options[0].text.data, request->options[0].text.size);
  say(host, "opened with ", request->options[0].text);
  return good_open(host, call, request, store);
}

static kist_status create_logs(kist_store* store, kist_call* call,
                               const kist_create_request* request) {
  say(store->host, "still have ", text(token));
  say(store->host, "got ", request->values[0].value);
  const kist_status status = send_secret(store, call, request->record);
  say(store->host, "gave ", text("correct horse"));
  return status;
}

MANIFEST(MINIMAL_MANIFEST);
STORE_TABLE(.create_secret = create_logs);
STORE_TYPE(.open = open_logs);
PLUGIN();
