/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-24: it cannot serve this host. */
#include "minimal_plugin.h"

MANIFEST(MINIMAL_MANIFEST);

const kist_plugin* kist_plugin_v1(const kist_host* host) {
  (void)host;
  return NULL;
}
