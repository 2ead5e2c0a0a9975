// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <kist/secrets_store_interface.hpp>

#include "config/store_options.hpp"
#include "loader/plugin_image.hpp"

namespace kist::conformance {

/// What the program was started with, and what the plugin's manifest says of the store.
struct StoreUnderTest {
  std::filesystem::path plugin;
  std::filesystem::path configuration;  ///< Empty: there is none.
  std::uint32_t seed = 0;  ///< Of everything that is random, so that it can be repeated.

  std::string type;
  bool persistent = false;     ///< What was written is there after close and open (ST-19).
  bool multi_process = false;  ///< Several hosts may have it open at once (ST-3).
  bool sealed = false;         ///< The host seals the values before they reach the plugin.
  std::vector<std::string> damage_values;  ///< A program; empty: none.
};

/// Decides what all cases run against. Once, before the first of them.
/// Errors: those of the plugin's check and of its test configuration.
void choose_store(std::filesystem::path plugin, std::filesystem::path configuration,
                  std::uint32_t seed);
const StoreUnderTest& store_under_test();

/// The plugin under test, mapped once into this process.
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

  /// What the test configuration gives a store that is at home here.
  core::CheckedOptions options() const;
  std::unique_ptr<SecretsStoreInterface> open() const { return open_for(deployment_id_); }
  std::unique_ptr<SecretsStoreInterface> open_for(const Uuid& deployment_id) const;
  /// The plugin's store alone, also where the store under test is sealed.
  std::unique_ptr<SecretsStoreInterface> open_plugin(const Uuid& deployment_id) const;

  /// Damages the values of one secret, and nothing else, while the store is closed (ST-5, ST-16).
  void damage_values(const Uuid& id) const;

 private:
  std::filesystem::path directory_;
  Uuid deployment_id_;
  bool is_ours_;
};

/// Why the case that ran does not apply to the store under test; empty: it does.
std::string& inapplicable();

}  // namespace kist::conformance

/// Leaves a case that does not apply to the store under test, and says why.
#define KIST_APPLIES_IF(condition, why)          \
  if (!(condition)) {                            \
    ::kist::conformance::inapplicable() = (why); \
    return;                                      \
  }
