// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kist::core {

enum class OptionKind : std::uint32_t { string = 1, integer = 2, boolean = 3, path = 4 };

/// One option of a store type, as its manifest declares it.
struct OptionSchema {
  std::string name;  ///< 1 to 64 of `a-z 0-9 _`, first a letter.
  OptionKind kind = OptionKind::string;
  bool required = false;
  bool secret = false;
  std::optional<std::string> default_text;  ///< In the form of kist_option.text.
  std::optional<std::int64_t> min, max;     ///< Integers only; both included.
  std::vector<std::string> choices;         ///< Strings only; empty: any text.
  std::string description;
};

/// One store type of a plugin.
struct StoreTypeManifest {
  std::string type;  ///< What the configuration calls it.
  std::string summary;
  std::string threading;                  ///< "serial" or "concurrent".
  std::vector<std::string> capabilities;  ///< "native_query", "persistent", …
  std::optional<std::uint64_t> max_secret_bytes;
  std::vector<OptionSchema> options;

  bool has(std::string_view capability) const;
  const OptionSchema* option(std::string_view name) const;  ///< Null: there is none.
};

/// What a plugin says of itself, read from its ELF note before any of its code runs.
struct Manifest {
  std::string id, version, vendor, license, summary;
  std::uint32_t abi_major = 0, abi_minor = 0;
  std::string arch, compiler, libc, sdk;
  std::vector<StoreTypeManifest> stores;

  const StoreTypeManifest* store(std::string_view type) const;  ///< Null: there is none.
};

inline constexpr std::string_view kPluginIdForm =
    "1 to 128 of a-z 0-9 . -, not starting with . or -, and without ..";
bool is_plugin_id(std::string_view text);

/// Reads the JSON text of a manifest; docs/plugins/manifest.md has its grammar. Nothing in it is
/// trusted: at most 64 KiB, depth 8, no duplicate keys, UTF-8, every string bounded and free of
/// control characters. Keys that start with "x-" are passed over. Errors: invalid_argument, with
/// one sentence that names the member, what was found and what was expected.
Manifest parse_manifest(std::string_view json);

}  // namespace kist::core
