/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-13: each store that it opens starts a thread that close() does not join. */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <unistd.h>

#include "minimal_plugin.h"

static void* sleep_forever(void* unused) {
  (void)unused;
  for (;;) pause();
  return NULL;
}

static kist_status open_and_start(const kist_host* host, kist_call* call,
                                  const kist_open_request* request, kist_store** store) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, sleep_forever, NULL) != 0) return KIST_RESOURCE_EXHAUSTED;
  pthread_detach(thread);
  return good_open(host, call, request, store);
}

MINIMAL_PLUGIN_OF_TYPE(.open = open_and_start);
