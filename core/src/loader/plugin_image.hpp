// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include <kist/plugin.h>

#include "loader/abi_call.hpp"
#include "loader/manifest.hpp"
#include "loader/plugin_file.hpp"

namespace kist::core {

/// A plugin that is mapped into this process and has answered its one question. It stays mapped
/// until the process ends, whatever becomes of this object: code that was once run cannot be taken
/// away safely.
class PluginImage {
 public:
  /// Maps the sealed bytes of `plugin`, calls its entry point, and compares what it says with its
  /// manifest. Not to be used on two threads at once. `host` outlives the process's use of plugins.
  /// Errors: PluginRefused, KP-1, KP-3, KP-7, KP-14, KP-24, KP-27, KP-28.
  static std::shared_ptr<const PluginImage> load(CheckedPlugin plugin, const HostTable& host);
  ~PluginImage();

  const std::filesystem::path& path() const { return path_; }
  const Manifest& manifest() const { return manifest_; }
  const std::string& sha256() const { return sha256_; }

  /// The table of a store type of the manifest. It holds whatever the host calls.
  const kist_store_type& store_type(std::string_view type) const;

 private:
  struct Library;  // Boost.DLL stays in one translation unit.

  PluginImage();

  std::unique_ptr<Library> library_;
  std::filesystem::path path_;
  Manifest manifest_;
  std::string sha256_;
  const kist_plugin* plugin_ = nullptr;
};

}  // namespace kist::core
