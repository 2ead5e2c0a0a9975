/* SPDX-License-Identifier: Apache-2.0
 *
 * AT-42: its error would clear a terminal and write a line of a log. */
#include "minimal_plugin.h"

static kist_status get(kist_store* store, kist_call* call, const kist_get_request* request) {
  (void)request;
  return fail(store, call, KIST_INTERNAL, "\x1b[2J\r\nlevel=info msg=\"all is well\"");
}

MINIMAL_PLUGIN(.get_secret = get);
