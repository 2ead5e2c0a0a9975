// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "elf_image.hpp"
#include "loader/abi_call.hpp"
#include "loader/host_call.hpp"
#include "loader/plugin_image.hpp"
#include "loader/plugin_search.hpp"
#include "loader/plugin_store.hpp"
#include "plugin_directory.hpp"

namespace kist::test {

/// The bytes of a plugin of tests/plugins: "good/minimal", "broken/id_differs".
inline std::string bytes_of_plugin(const std::string& plugin) {
  const std::string name = plugin.substr(plugin.rfind('/') + 1);
  return read_whole_file(std::string(KIST_TEST_PLUGINS "/") + plugin + "/" + name + ".so");
}

inline Uuid uuid_of(std::uint8_t first_byte) {
  Uuid id;
  id.bytes[0] = first_byte;
  return id;
}

/// A host that keeps what plugins say to the log. Plugins may speak as long as the process lives,
/// so no host of a test ever goes away.
struct RecordingHost {
  std::mutex mutex;
  std::vector<std::string> lines;  // Guarded by mutex.
  core::HostTable table{[this](std::int32_t level, std::string_view message) {
    const std::lock_guard lock(mutex);
    lines.push_back(std::to_string(level) + " " + std::string(message));
  }};

  static RecordingHost& make() {
    static std::vector<std::unique_ptr<RecordingHost>> hosts;
    return *hosts.emplace_back(std::make_unique<RecordingHost>());
  }
};

/// Checks the bytes of a plugin as a file of a plugin directory.
inline core::CheckedPlugin checked(const std::string& plugin) {
  const PluginDirectory directory;
  directory.write("x.so", bytes_of_plugin(plugin));
  return core::check_plugin(core::open_plugin_file(directory.path(), "x.so"), {});
}

inline std::shared_ptr<const core::PluginImage> load(const std::string& plugin,
                                                     const core::HostTable& host) {
  return core::PluginImage::load(checked(plugin), host);
}

/// The store of a plugin that has one, opened with these options.
inline std::unique_ptr<core::PluginStore> open(const std::string& plugin,
                                               const core::HostTable& host,
                                               core::PluginStore::Settings settings = {}) {
  auto image = load(plugin, host);
  core::HostCall call;
  const std::string type = image->manifest().stores.front().type;
  return core::PluginStore::open(std::move(image), type, host, call, settings);
}

inline Secret secret_of(std::uint8_t first_byte, std::string_view key, std::string_view value) {
  Secret secret;
  secret.id = uuid_of(first_byte);
  secret.name = "a secret";
  secret.values.set(key, value);
  return secret;
}

/// Takes every row, or as many as it is told to.
struct Rows final : ListSink {
  bool item(const SecretMetadata& row) override {
    rows.push_back(row);
    return rows.size() < most;
  }
  void total(std::uint64_t count) override { totals.push_back(count); }

  std::size_t most = SIZE_MAX;
  std::vector<SecretMetadata> rows;
  std::vector<std::uint64_t> totals;
};

/// What `action` throws: "not_found: there is no such secret"; empty: nothing.
template <class Action>
std::string complaint(Action&& action) {
  try {
    action();
    return "";
  } catch (const Error& error) {
    return std::string(to_string(error.code)) + ": " + error.what();
  }
}

inline std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

}  // namespace kist::test
