/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-1: its entry point is an STT_GNU_IFUNC, which runs code when it is looked up. */
#include "minimal_plugin.h"

STORE_TABLE();
STORE_TYPE();
PLUGIN_TABLE();
MANIFEST(MINIMAL_MANIFEST);

static const kist_plugin* entry(const kist_host* host) {
  (void)host;
  return &plugin;
}

/* Non-static, for clang looks for its body only by name; hidden as all else is. */
kist_plugin_entry* choose_entry(void);
kist_plugin_entry* choose_entry(void) { return entry; }

KIST_EXPORT const kist_plugin* kist_plugin_v1(const kist_host* host)
    __attribute__((ifunc("choose_entry")));
