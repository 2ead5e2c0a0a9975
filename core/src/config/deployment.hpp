// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <kist/uuid.hpp>

#include "config/store_options.hpp"
#include "loader/manifest.hpp"
#include "secrets/cursor.hpp"

namespace kist::core {

inline constexpr std::string_view kDeploymentFileName = "kist-deployment.json";

/// What all hosts of one deployment have in common beside their configuration.
struct Deployment {
  Uuid id;
  CursorKey cursor_key;
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

/// Reads kist-deployment.json in `directory`. Nothing: there is none.
/// Errors: failed_precondition: the file is damaged, is no regular file, belongs to somebody else,
/// or can be read by others; permission_denied; unavailable.
std::optional<Deployment> find_deployment(const std::filesystem::path& directory);

/// Reads kist-deployment.json in `directory`, or makes it, with mode 0600. Hosts that start at once
/// agree on one. An id that is configured wins over that of the file.
/// Errors: failed_precondition: there is no such directory; those of find_deployment().
Deployment open_deployment(const DeploymentDirectory& directory,
                           const std::optional<Uuid>& configured_id);

/// One that nobody remembers.
Deployment new_deployment(const std::optional<Uuid>& configured_id);

}  // namespace kist::core
