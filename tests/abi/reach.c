/* SPDX-License-Identifier: Apache-2.0
 *
 * The ABI as debug information: every type of it is reached from the entry point. */
#include "plugin.h"

const kist_plugin* kist_plugin_v1(const kist_host* host) {
  (void)host;
  return NULL;
}
