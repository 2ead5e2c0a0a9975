// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/environment.hpp"
#include "config/store_settings.hpp"

namespace kist::core {

/// The variables that a test configuration refers to: a directory that is new for each store that
/// is opened anew, and a name of `a-z 0-9 _` that nothing else has, for back-ends without
/// directories.
inline constexpr std::string_view kTestHomeVariable = "KIST_TEST_HOME";
inline constexpr std::string_view kTestNameVariable = "KIST_TEST_NAME";
/// What `damage_values` gets besides the two: the secret whose values it is to damage.
inline constexpr std::string_view kTestSecretVariable = "KIST_TEST_SECRET_ID";

/// The file behind `kist plugin test --config`; docs/plugins/testing.md has its members.
struct TestConfiguration {
  std::optional<StoreSettings> store;  ///< Nothing: the one type of the plugin, without options.
  bool sealed = false;                 ///< The host seals the values before the plugin has them.
  bool multi_process = true;           ///< Several processes may have the store open at once.
  std::vector<std::string> damage_values;  ///< A program and its arguments; empty: there is none.
  std::map<std::string, std::string> quirks;  ///< Why a rule of the contract does not hold.
};

/// `home` is what the variables stand for; of `environment`, those that set options of stores are
/// not looked at. Errors: those of read_configuration_file() and read_store_settings();
/// invalid_argument: a key, a rule or a kind of value that is not known.
TestConfiguration read_test_configuration(const std::filesystem::path& file,
                                          const Environment& environment,
                                          const std::filesystem::path& home);

}  // namespace kist::core
