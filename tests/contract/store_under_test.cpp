// SPDX-License-Identifier: Apache-2.0
#include "store_under_test.hpp"

#include <sqlite3.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "loader/host_call.hpp"
#include "loader/plugin_store.hpp"
#include "samples.hpp"
#include "sealed_plugin_store.hpp"

namespace kist::contract {
namespace {

namespace fs = std::filesystem;

/// The store of tests/plugins/stranger keeps a secret's values at the end of a file of its own.
void damage_record_file(const fs::path& home, const Uuid& id) {
  for (const auto& entry : fs::recursive_directory_iterator(home)) {
    if (entry.path().filename() != id.to_string() || entry.file_size() == 0) continue;
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(-1, std::ios::end);
    const auto last = static_cast<char>(file.get() ^ 1);
    file.seekp(-1, std::ios::end);
    file.put(last);
  }
}

void damage_database_row(const fs::path& home, const Uuid& id) {
  sqlite3* database = nullptr;
  const std::string sql =
      "UPDATE secret_values SET content = x'00' WHERE secret_id = x'" + id.to_hex() + "'";
  const bool done = sqlite3_open((home / "secrets.db").c_str(), &database) == SQLITE_OK &&
                    sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK &&
                    sqlite3_changes(database) == 1;
  sqlite3_close(database);
  if (!done) throw std::runtime_error("cannot damage the row of " + id.to_string());
}

std::vector<StoreUnderTest> plain_stores() {
  return {
      {.name = "memory",
       .plugin = KIST_CONTRACT_PLUGIN_DIR "/memory.so",
       .type = "memory",
       .options = [](const fs::path&) { return std::map<std::string, std::string>(); },
       .quirks = {.persistent = false, .multi_process = false}},
      {.name = "sqlite",
       .plugin = KIST_CONTRACT_PLUGIN_DIR "/sqlite.so",
       .type = "sqlite",
       .options =
           [](const fs::path& home) {
             return std::map<std::string, std::string>{{"path", home / "secrets.db"}};
           },
       .quirks = {.damage_values = damage_database_row}},
      {.name = "stranger",
       .plugin = KIST_CONTRACT_STRANGER,
       .type = "dir",
       .options =
           [](const fs::path& home) {
             return std::map<std::string, std::string>{{"root", home / "secrets"}};
           },
       .quirks = {.damage_values = damage_record_file}},
  };
}

/// Each as it is, and behind the host's sealing: "sqlite" and "sealed-sqlite".
const std::vector<StoreUnderTest>& known_stores() {
  static const std::vector<StoreUnderTest> stores = [] {
    std::vector<StoreUnderTest> all = plain_stores();
    for (StoreUnderTest store : plain_stores()) {
      store.name = "sealed-" + store.name;
      store.sealed = true;
      all.push_back(std::move(store));
    }
    return all;
  }();
  return stores;
}

const StoreUnderTest*& chosen() {
  static const StoreUnderTest* store = nullptr;
  return store;
}

const core::HostTable& host_table() {
  static const core::HostTable host([](std::int32_t, std::string_view) {});
  return host;
}

fs::path new_directory() {
  std::string path = (fs::temp_directory_path() / "kist-contract-XXXXXX").native();
  if (::mkdtemp(path.data()) == nullptr)
    throw std::system_error(errno, std::generic_category(), path);
  return path;
}

}  // namespace

bool choose_store(std::string_view name) {
  for (const StoreUnderTest& store : known_stores()) {
    if (store.name == name) chosen() = &store;
  }
  return chosen() != nullptr;
}

const StoreUnderTest& store_under_test() {
  if (chosen() == nullptr) throw std::logic_error("no store was chosen with --store=NAME");
  return *chosen();
}

std::shared_ptr<const core::PluginImage> plugin_under_test() {
  static const auto image = [] {
    const fs::path& path = store_under_test().plugin;
    auto file = core::open_plugin_file(path.parent_path(), path.filename().native());
    return core::PluginImage::load(core::check_plugin(std::move(file), {}), host_table());
  }();
  return image;
}

StoreHome::StoreHome() : directory_(new_directory()), deployment_id_(random_id()), is_ours_(true) {}
StoreHome::StoreHome(fs::path directory, const Uuid& deployment_id)
    : directory_(std::move(directory)), deployment_id_(deployment_id), is_ours_(false) {}
StoreHome::~StoreHome() {
  std::error_code ignored;
  if (is_ours_) fs::remove_all(directory_, ignored);
}

std::unique_ptr<SecretsStoreInterface> StoreHome::open_for(const Uuid& deployment_id) const {
  auto store = open_plugin(deployment_id);
  if (!store_under_test().sealed) return store;
  return std::make_unique<SealedPluginStore>(std::move(store), deployment_id);
}

std::unique_ptr<SecretsStoreInterface> StoreHome::open_plugin(const Uuid& deployment_id) const {
  const StoreUnderTest& store = store_under_test();
  const auto image = plugin_under_test();
  const auto given = store.options(directory_);
  core::PluginStore::Settings settings{.deployment_id = deployment_id, .options = {}};
  for (const core::OptionSchema& option : image->manifest().store(store.type)->options) {
    const auto found = given.find(option.name);
    if (found == given.end() && !option.default_text) continue;
    const std::string& text = found == given.end() ? *option.default_text : found->second;
    settings.options.push_back({.name = option.name,
                                .kind = option.kind,
                                .secret = option.secret,
                                .text = SecretValue(text)});
  }
  core::HostCall call(kPatience);
  return core::PluginStore::open(image, store.type, host_table(), call, settings);
}

}  // namespace kist::contract
