// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <kist/uuid.hpp>

#include "config/store_options.hpp"
#include "loader/manifest.hpp"
#include "sealing/key_encryption_key.hpp"
#include "secrets/cursor.hpp"

namespace kist::core {

inline constexpr std::string_view kDeploymentFileName = "kist-deployment.json";

/// One wrapped key for each KEK that values were sealed with, by its id: what unwraps it is that
/// KEK.
using KeyChecks = std::map<std::string, WrappedKey, std::less<>>;

/// What all hosts of one deployment have in common beside their configuration.
struct Deployment {
  Uuid id;
  CursorKey cursor_key;
  KeyChecks key_checks = {};
  std::string current_key = {};  ///< The id of the KEK that sealed last; empty: none did.
  bool remembered = true;        ///< By a file of this very id; another id is configured otherwise.
  bool made = false;             ///< Just now, and by this process.
};

struct DeploymentDirectory {
  std::filesystem::path path;
  std::string source;  ///< Whose directory it is: "the store's option 'path'".
};

/// Where the file that remembers the deployment lies: beside the store, if that is a file or
/// directory of this machine; else beside kist.json. Nothing: the store forgets, so there is
/// nothing to remember, or there is no such place. `configuration_directory` is empty without a
/// kist.json.
std::optional<DeploymentDirectory> deployment_directory(
    const StoreTypeManifest& manifest, const CheckedOptions& options,
    const std::filesystem::path& configuration_directory);

/// Reads kist-deployment.json in `directory`. Nothing: there is none. An id that is configured wins
/// over that of the file, and what the file says of keys is then not of this deployment.
/// Errors: failed_precondition: the file is damaged, is no regular file, belongs to somebody else,
/// or can be read by others; permission_denied; unavailable.
std::optional<Deployment> find_deployment(const std::filesystem::path& directory,
                                          const std::optional<Uuid>& configured_id = {});

/// Reads kist-deployment.json in `directory`, or makes it, with mode 0600. Hosts that start at once
/// agree on one. The configured id is as for find_deployment().
/// Errors: failed_precondition: there is no such directory; those of find_deployment().
Deployment open_deployment(const DeploymentDirectory& directory,
                           const std::optional<Uuid>& configured_id);

/// Removes what open_deployment() has made: the store is of another deployment. Never fails: a file
/// that stays says no worse than before.
void forget_deployment(const std::filesystem::path& directory, const Deployment& made) noexcept;

/// Adds to the file those of `checks` whose id is not there yet, and gives all that are there then;
/// `current_key`, unless it is empty, replaces the one there. Hosts that do so at once agree. Other
/// members of the file stay.
/// Errors: not_found: there is no such file; those of find_deployment(); unavailable.
KeyChecks add_key_checks(const std::filesystem::path& directory, const KeyChecks& checks,
                         std::string_view current_key = {});

/// One that nobody remembers.
Deployment new_deployment(const std::optional<Uuid>& configured_id);

}  // namespace kist::core
