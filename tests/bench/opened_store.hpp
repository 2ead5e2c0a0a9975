// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "loader/abi_call.hpp"
#include "loader/host_call.hpp"
#include "loader/plugin_store.hpp"

namespace kist::bench {

/// A directory that is gone at the end.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory();
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// A store of ours, found, checked, mapped and opened as the host does it.
class OpenedStore {
 public:
  explicit OpenedStore(const std::string& type);
  SecretsStoreInterface& operator*() { return *store_; }
  SecretsStoreInterface* operator->() { return store_.get(); }
  core::HostCall& call() { return call_; }
  /// Of the SQLite store.
  std::filesystem::path database() const { return directory_.path() / "secrets.db"; }

 private:
  TemporaryDirectory directory_;
  core::HostTable host_{nullptr};
  core::HostCall call_;
  std::unique_ptr<core::PluginStore> store_;
};

/// Five keys of some tens of bytes, as people have them.
Secret five_key_secret(std::uint64_t number);

/// Ids spread as random ones are, and the same for all sides of a comparison.
inline std::uint64_t scattered(std::uint64_t number) { return number * 0x9E3779B97F4A7C15; }

inline constexpr std::uint64_t kFilledSecrets = 10'000;
/// Puts five_key_secret(scattered(n)) into it, for each n below kFilledSecrets.
void fill_with_secrets(SecretsStoreInterface& store);

}  // namespace kist::bench
