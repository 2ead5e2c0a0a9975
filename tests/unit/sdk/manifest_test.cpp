// SPDX-License-Identifier: Apache-2.0
// The manifest that KIST_PLUGIN writes at compile time is one that the host reads back as it was
// meant.

#include "loader/manifest.hpp"

#include <cstdint>
#include <string_view>

#include <doctest/doctest.h>

#include <kist/manifest.hpp>
#include <kist/record_store.hpp>

namespace kist {
namespace {

struct Config : SecretsStoreConfiguration {
  std::string address, mode;
  SecretValue token;
  std::int64_t limit = 0;
  bool verify = true;

  static constexpr auto fields = kist::fields(
      field<&Config::address>("address", "Where \"it\" is: a\\b.").required(),
      field<&Config::mode>("mode", "How.").choices("fast", "safe").default_value("safe"),
      field<&Config::token>("token", "What proves us."),
      field<&Config::limit>("limit", "How many.")
          .range(-9'223'372'036'854'775'807 - 1, 10)
          .default_value(-5),
      field<&Config::verify>("verify", "Whether.").default_value(true));
};

struct Store : RecordStore<Config> {
  static constexpr auto TYPE = SecretsStoreType::custom;
  using CONFIG_TYPE = Config;
  static constexpr Capabilities CAPABILITIES{.persistent = true, .encrypts_at_rest = true};
  static constexpr std::uint64_t MAX_SECRET_BYTES = 4096;
};

struct Definition {
  using KistStore = Store;
  static constexpr PluginInfo info{
      .id = "org.example.vault", .version = "1.2.3", .type = "vault", .vendor = "Example"};
};

constexpr auto note = detail::manifest_note<Definition>();

TEST_SUITE("sdk/manifest") {
  TEST_CASE("the note holds a manifest that the host's reader takes") {
    CHECK(std::string_view(note.name) == KIST_NOTE_NAME);
    CHECK(note.type == KIST_NOTE_TYPE);
    CHECK(note.name_size == 11);
    const core::Manifest manifest = core::parse_manifest({note.text, note.json_size});
    CHECK(manifest.id == "org.example.vault");
    CHECK(manifest.version == "1.2.3");
    CHECK(manifest.vendor == "Example");
    CHECK(manifest.abi_major == KIST_ABI_MAJOR);
    CHECK(manifest.sdk == KIST_SDK_VERSION);

    const core::StoreTypeManifest* const store = manifest.store("vault");
    REQUIRE(store != nullptr);
    CHECK(store->threading == "serial");
    CHECK(store->has("scan"));
    CHECK(store->has("persistent"));
    CHECK_FALSE(store->has("local"));
    CHECK(store->has("encrypts_at_rest"));
    CHECK(store->max_secret_bytes == 4096);
  }

  TEST_CASE("each field of the configuration is an option of the manifest") {
    const core::Manifest manifest = core::parse_manifest({note.text, note.json_size});
    const core::StoreTypeManifest& store = manifest.stores.front();
    REQUIRE(store.options.size() == 5);
    CHECK(store.option("address")->required);
    CHECK(store.option("address")->description == "Where \"it\" is: a\\b.");
    CHECK(store.option("mode")->choices == std::vector<std::string>{"fast", "safe"});
    CHECK(store.option("mode")->default_text == "safe");
    CHECK(store.option("token")->secret);
    CHECK(store.option("limit")->min == INT64_MIN);
    CHECK(store.option("limit")->max == 10);
    CHECK(store.option("limit")->default_text == "-5");
    CHECK(store.option("verify")->default_text == "true");
    CHECK(store.option("verify")->kind == core::OptionKind::boolean);
  }
}

}  // namespace
}  // namespace kist
