/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-14, KP-2: its entry point, which should do nothing, changes the umask. */
#include <sys/stat.h>

#include "minimal_plugin.h"

MANIFEST(MINIMAL_MANIFEST);
STORE_TABLE();
STORE_TYPE();
PLUGIN_TABLE();

const kist_plugin* kist_plugin_v1(const kist_host* host) {
  (void)host;
  umask(0);
  return &plugin;
}
