// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loader/elf_rules.hpp"
#include "loader/file_descriptor.hpp"
#include "loader/manifest.hpp"
#include "loader/refusal.hpp"

namespace kist::core {

/// The bytes of one plugin, in memory that nobody can change any more, this process included: what
/// is hashed, checked and mapped is the same. Moves; the descriptor and the bytes keep their
/// places.
class PluginFile {
 public:
  /// Takes a memfd that is sealed against writing, growing and shrinking. `path` is for messages.
  /// Errors: kist::Error failed_precondition, it is not sealed; resource_exhausted, it cannot be
  /// mapped.
  PluginFile(std::filesystem::path path, FileDescriptor sealed);

  const std::filesystem::path& path() const { return path_; }
  std::span<const std::byte> bytes() const { return {mapping_.get(), mapping_.get_deleter().size}; }
  const std::string& sha256() const { return sha256_; }  ///< 64 hex digits, lower case.
  int descriptor() const { return sealed_.get(); }

  /// Keeps the descriptor open for ever, and says which it is. The dynamic linker goes by name: a
  /// second plugin under the same /proc/<pid>/fd/N would be taken for the first.
  int release_descriptor() { return sealed_.release(); }

 private:
  struct Unmap {
    std::size_t size;
    void operator()(const std::byte* start) const;
  };

  std::filesystem::path path_;
  FileDescriptor sealed_;
  std::unique_ptr<const std::byte, Unmap> mapping_;
  std::string sha256_;
};

struct PluginFileOptions {
  std::uint64_t max_bytes = std::uint64_t{256} << 20;
};

/// Opens a plugin directory for listing and for openat(), having walked to it from the root without
/// a symlink. The path is absolute; the directory and all above it belong to root or to us, and
/// nobody else may write to them, but that one above may be sticky, like /tmp. Errors:
/// PluginRefused, KP-19; not_found, there is no such directory; other codes of the system.
FileDescriptor open_plugin_directory(const std::filesystem::path& directory);

/// Copies one file of a plugin directory into a sealed memfd. Rule KP-19: the name is a plain one;
/// the file is regular, with one hard link, of root or us, writable by no one else, and within the
/// size limit. A FIFO or a device in its place does not block. Errors: PluginRefused, KP-19 or
/// KP-20 (an empty file); not_found; unavailable, for the system's errors.
PluginFile open_plugin_file(const std::filesystem::path& directory, std::string_view name,
                            const PluginFileOptions& options = {});

/// As open_plugin_file(), of a file that lies anywhere, whoever owns it and whatever links to it:
/// for tools that judge a plugin before it is installed. Nothing here makes it fit to be served.
/// Errors: PluginRefused, KP-20 (an empty file), KP-19 (no regular file, or too large); not_found;
/// unavailable.
PluginFile copy_plugin_file(const std::filesystem::path& path,
                            const PluginFileOptions& options = {});

struct PluginPolicy {
  ElfPolicy elf;
  /// SHA-256 in hex, by plugin id or by file name. A pin is a demand (KP-25); no pin is none.
  /// Signatures (Ed25519, over the same hash) get their keys here, beside the pins.
  std::map<std::string, std::string, std::less<>> pins;
};

/// KP-25, where `key`, a plugin id or a file name, has a pin. Errors: PluginRefused: the file has
/// another SHA-256.
void check_pin(const PluginFile& file, std::string_view key, const PluginPolicy& policy);

/// A plugin that may be mapped.
struct CheckedPlugin {
  PluginFile file;
  Manifest manifest;
  std::vector<Finding> warnings;
};

/// Applies every rule that needs no code of the plugin to run: check_elf(), and the pins.
/// Errors: PluginRefused with the first rule that is broken.
CheckedPlugin check_plugin(PluginFile file, const PluginPolicy& policy);

}  // namespace kist::core
