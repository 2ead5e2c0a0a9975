// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <kist/secrets_store_interface.hpp>

#include "loader/plugin_image.hpp"

namespace kist::contract {

/// What a store may do otherwise. Data, so that no case holds a store's name; a case that does not
/// apply prints why.
struct Quirks {
  bool persistent = true;     ///< What was written is there after close and open (ST-19).
  bool multi_process = true;  ///< Several hosts may have it open at once (ST-3).
  /// Damages the values of one secret, and nothing else, while the store is closed (ST-5, ST-16).
  /// Null: what is stored cannot be reached from outside.
  void (*damage_values)(const std::filesystem::path& home, const Uuid& id) = nullptr;
};

struct StoreUnderTest {
  std::string name;  ///< For --store.
  std::filesystem::path plugin;
  std::string type;
  /// The text of options that need one, for a store that keeps its things in the directory `home`.
  std::function<std::map<std::string, std::string>(const std::filesystem::path& home)> options;
  Quirks quirks;
  bool sealed = false;  ///< The host seals the values before they reach the plugin.
};

/// Chooses the store that all cases run against. False: there is none of this name.
bool choose_store(std::string_view name);
const StoreUnderTest& store_under_test();

/// The plugin of the store under test, mapped once into this process.
std::shared_ptr<const core::PluginImage> plugin_under_test();

/// An empty place for one store, which goes with this object.
class StoreHome {
 public:
  StoreHome();
  /// Uses what another process made, and leaves it there.
  StoreHome(std::filesystem::path directory, const Uuid& deployment_id);
  StoreHome(const StoreHome&) = delete;
  StoreHome& operator=(const StoreHome&) = delete;
  ~StoreHome();

  const std::filesystem::path& directory() const { return directory_; }
  const Uuid& deployment_id() const { return deployment_id_; }

  std::unique_ptr<SecretsStoreInterface> open() const { return open_for(deployment_id_); }
  std::unique_ptr<SecretsStoreInterface> open_for(const Uuid& deployment_id) const;
  /// The plugin's store alone, also where the store under test is sealed.
  std::unique_ptr<SecretsStoreInterface> open_plugin(const Uuid& deployment_id) const;

 private:
  std::filesystem::path directory_;
  Uuid deployment_id_;
  bool is_ours_;
};

}  // namespace kist::contract

/// Leaves a case that does not apply to the store under test, and says why.
#define KIST_APPLIES_IF(condition, why)                                                        \
  if (!(condition)) {                                                                          \
    MESSAGE("does not apply to ", ::kist::contract::store_under_test().name, ", which ", why); \
    return;                                                                                    \
  }
