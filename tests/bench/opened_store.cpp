// SPDX-License-Identifier: Apache-2.0
#include "opened_store.hpp"

#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "loader/plugin_search.hpp"
#include "memory/secret_arena.hpp"

namespace kist::bench {

TemporaryDirectory::TemporaryDirectory() {
  // On a disk, not on a tmpfs: durable writes are measured.
  std::string name = std::filesystem::current_path() / "kist-bench-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a directory here");
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

OpenedStore::OpenedStore(const std::string& type) {
  core::install_secret_arena();  // As the host's main() does.
  core::PluginSelection selection = core::PluginSearch({KIST_BENCH_PLUGINS}, {}).by_type(type);
  const core::StoreTypeManifest manifest = *selection.plugin.manifest.store(type);
  core::PluginStore::Settings settings;
  for (const core::OptionSchema& option : manifest.options) {
    const std::string text =
        option.name == "path" ? database().native() : option.default_text.value_or("");
    settings.options.push_back({option.name, option.kind, option.secret, SecretValue(text)});
  }
  auto image = core::PluginImage::load(std::move(selection.plugin), host_);
  store_ = core::PluginStore::open(std::move(image), type, host_, call_, settings);
}

Secret five_key_secret(std::uint64_t number) {
  Secret secret;
  std::memcpy(secret.id.bytes.data(), &number, sizeof(number));
  secret.id.bytes[8] = 0x80;
  secret.name = "team/service/" + std::to_string(number);
  secret.created = secret.updated =
      Timestamp(std::chrono::microseconds(1'700'000'000'000'000 + number));
  secret.values.set("database", "accounts_production");
  secret.values.set("host", "db-17.internal.example.org");
  secret.values.set("password", "correct-horse-battery-staple");
  secret.values.set("port", "5432");
  secret.values.set("user", "service-accounts");
  return secret;
}

void fill_with_secrets(SecretsStoreInterface& store) {
  core::HostCall call;
  for (std::uint64_t number = 0; number < kFilledSecrets; ++number)
    store.create_secret(call, five_key_secret(scattered(number)));
}

}  // namespace kist::bench
