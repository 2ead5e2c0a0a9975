// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sealing/keyring_text.hpp"

namespace kist::core {

/// Beside the deployment file of a store that keeps its secrets on this machine.
inline constexpr std::string_view kKeyringFileName = "kist-keyring";

/// "keyring file '/etc/kist/keyring'".
std::string describe_keyring_file(const std::filesystem::path& path);

/// Nothing: there is no such file. All lines have an id, and there is at least one.
/// Errors: those of read_private_file() and parse_keyring().
std::optional<std::vector<KeyLine>> read_keyring_file(const std::filesystem::path& path);

inline constexpr std::string_view kFirstKeyId = "k1";

/// Makes a keyring file of one new key. `id` is a key id.
/// Errors: already_exists; those of create_private_file().
void create_keyring_file(const std::filesystem::path& path, std::string_view id = kFirstKeyId);

/// Adds a new key as the last line, which makes it the current one, and gives its id: "k" and the
/// next number above the highest there of which `is_taken` is not true. The rest of the file stays
/// byte for byte. Of several that do so at once, each adds its own. Errors: those of
/// change_private_file() and read_keyring_file().
std::string add_key(const std::filesystem::path& path,
                    const std::function<bool(std::string_view id)>& is_taken = {});

}  // namespace kist::core
