/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-9: it gives its secret from another thread than that of the call. */
#include <pthread.h>

#include "minimal_plugin.h"

struct work {
  kist_store* store;
  kist_call* call;
  const kist_get_request* request;
};

static void* give(void* context) {
  const struct work* const work = context;
  good_get(work->store, work->call, work->request);
  return NULL;
}

static kist_status get(kist_store* store, kist_call* call, const kist_get_request* request) {
  struct work work = {store, call, request};
  pthread_t thread;
  if (pthread_create(&thread, NULL, give, &work) != 0) return KIST_RESOURCE_EXHAUSTED;
  pthread_join(thread, NULL);
  return good_get(store, call, request);
}

MINIMAL_PLUGIN(.get_secret = get);
