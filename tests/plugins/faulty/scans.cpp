// SPDX-License-Identifier: Apache-2.0
// A store in memory that leaves filters and pages to the host.
#include "faulty_store.hpp"
#include "faulty_tables.hpp"
#include "memory_records.hpp"

namespace {

class ScanningStore final : public FaultyStore<MemoryRecords> {
 public:
  static constexpr kist::Capabilities CAPABILITIES{.if_revision = true, .local = true};
};

}  // namespace

// The entry point of the store in C++ is not the one that is exported.
#define kist_plugin_v1 good_plugin_v1
KIST_PLUGIN(ScanningStore, {.id = "org.example.scans", .version = "1.0.0", .type = "scans"});
#undef kist_plugin_v1

extern "C" const kist_plugin* kist_plugin_v1(const kist_host* host) KIST_NOEXCEPT {
  return FaultyTables<kist::detail::PluginTables<KistPluginDefinition>>::entry(
      kist::detail::can_serve(host));
}
