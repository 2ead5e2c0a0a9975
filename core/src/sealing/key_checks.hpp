// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/deployment.hpp"
#include "sealing/keyring.hpp"

namespace kist::core {

/// Compares each key of the ring with the check that the deployment file remembers of it, and adds
/// those that are missing. Keys that cannot be had are passed over. `directory`: where the file
/// lies; nothing: nobody remembers anything.
///
/// Gives sentences to warn with: a key other than the current one that its token does not let us
/// check, or that a check could not be written; then a lost or wrong key is noticed only when a
/// secret does not open.
/// Errors: failed_precondition: a key is not the one that this deployment was sealed with, or the
/// one that sealed last is not in the ring;
/// unavailable: the current key cannot be reached; those of find_deployment().
std::vector<std::string> check_keys(const Keyring& keyring, const Deployment& deployment,
                                    const std::optional<DeploymentDirectory>& directory);

/// Compares one key, which could be had, with the check of it, if there is one.
/// Errors: failed_precondition; unavailable: it cannot be reached.
void check_key(const KeyringKey& key, const Deployment& deployment);

}  // namespace kist::core
