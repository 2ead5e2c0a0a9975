/* SPDX-License-Identifier: Apache-2.0
 *
 * A plugin in C that every static rule accepts. The tests patch its bytes; nothing runs it. */
#include <kist/plugin.h>

KIST_MANIFEST(
    "{\"manifest\":1,\"id\":\"org.example.tiny\",\"version\":\"1.0.0\","
    "\"x-spare\":\"123456789a\","
    "\"abi\":{\"major\":1,\"minor\":0},"
    "\"stores\":[{\"type\":\"tiny\",\"threading\":\"serial\",\"capabilities\":[\"scan\"]}]}");

static volatile int loads;

static __attribute__((constructor)) void count_loads(void) { loads = loads + 1; }

const kist_plugin* kist_plugin_v1(const kist_host* host) KIST_NOEXCEPT {
  (void)host;
  return 0;
}

#if defined(KIST_TEST_EXTRA_EXPORT)
KIST_EXPORT int another_symbol(void);
int another_symbol(void) { return loads; }
#endif
