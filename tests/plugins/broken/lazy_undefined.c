/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-27: it calls a function that nobody defines, and asks to hear of it late. */
#include "minimal_plugin.h"

void a_function_that_nobody_defines(void);

static kist_status get(kist_store* store, kist_call* call, const kist_get_request* request) {
  a_function_that_nobody_defines();
  return good_get(store, call, request);
}

MINIMAL_PLUGIN(.get_secret = get);
