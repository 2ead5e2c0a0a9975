// SPDX-License-Identifier: Apache-2.0
// The template's store, which keeps its records in files.
#include <kist/plugin.hpp>

// Its plugin is not made, only its class.
#pragma push_macro("KIST_PLUGIN")
#undef KIST_PLUGIN
#define KIST_PLUGIN(...) static_assert(true)
#include "store.cpp"
#pragma pop_macro("KIST_PLUGIN")

#include "faulty_store.hpp"
#include "faulty_tables.hpp"

namespace {

class KeepingStore final : public FaultyStore<SampleStore> {
 public:
  static constexpr auto CAPABILITIES = SampleStore::CAPABILITIES;
};

}  // namespace

// The entry point of the store in C++ is not the one that is exported.
#define kist_plugin_v1 good_plugin_v1
KIST_PLUGIN(KeepingStore, {.id = "org.example.keeps", .version = "1.0.0", .type = "keeps"});
#undef kist_plugin_v1

extern "C" const kist_plugin* kist_plugin_v1(const kist_host* host) KIST_NOEXCEPT {
  return FaultyTables<kist::detail::PluginTables<KistPluginDefinition>>::entry(
      kist::detail::can_serve(host));
}
