// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "config/environment.hpp"
#include "config/sealing_settings.hpp"
#include "sealing/key_command.hpp"
#include "sealing/keyring.hpp"

namespace kist::core {

/// For people: "file '/etc/kist/k1.key'", "environment variable 'KIST_KEY'".
std::string describe(const KeySource& source);

/// Gets a key from where it is configured to be. If it cannot be had, the KeyringKey says why; no
/// exception does. A variable is forgotten: only while the process has one thread.
KeyringKey obtain_key(const SealingKeySettings& settings, const Environment& environment,
                      std::chrono::milliseconds command_deadline = kKeyCommandDeadline);

}  // namespace kist::core
