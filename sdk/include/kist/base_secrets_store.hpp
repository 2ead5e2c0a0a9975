// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include <kist/abi.hpp>
#include <kist/configuration.hpp>
#include <kist/host.h>
#include <kist/secrets_store_interface.hpp>

namespace kist {

/// What a store's `TYPE` may be. A store of your own is `custom`, whatever name its manifest gives
/// it.
enum class SecretsStoreType {
  memory,
  sqlite,
  postgresql,
  etcd,
  file,
  aws,
  gcp,
  azure,
  hashicorp,
  custom
};

constexpr std::string_view to_string(SecretsStoreType type) {
  constexpr std::string_view names[] = {"memory", "sqlite", "postgresql", "etcd",      "file",
                                        "aws",    "gcp",    "azure",      "hashicorp", "custom"};
  return names[static_cast<int>(type)];
}

/// Whether the host may call a store on many threads at once.
enum class Threading : std::uint32_t {
  serial = KIST_THREADING_SERIAL,
  concurrent = KIST_THREADING_CONCURRENT
};

/// What a store can do, for the host and for its users; declared by a store as `CAPABILITIES`.
struct Capabilities {
  bool native_query =
      false;  ///< list_secrets filters, sorts and pages; else it streams all (`scan`).
  bool persistent = false;   ///< What was written is there after close and open.
  bool if_revision = false;  ///< Revisions are compared atomically.
  bool local = false;        ///< Answers without the network.
  /// The back-end encrypts what it stores, and people read values with its own tools: the host does
  /// not seal them unless it is told to.
  bool encrypts_at_rest = false;

  constexpr std::uint64_t bits() const {
    std::uint64_t set = native_query ? KIST_CAP_NATIVE_QUERY : KIST_CAP_SCAN;
    if (persistent) set |= KIST_CAP_PERSISTENT;
    if (if_revision) set |= KIST_CAP_IF_REVISION;
    if (local) set |= KIST_CAP_LOCAL;
    if (encrypts_at_rest) set |= KIST_CAP_ENCRYPTS_AT_REST;
    return set;
  }
};

/// The base of every store that a plugin makes: typed configuration, the deployment's id, and the
/// log. The SDK makes the object, hands it these, and then calls initialize().
///
/// A store declares `TYPE` and `CONFIG_TYPE`, and may declare `CAPABILITIES`, `THREADING` (serial
/// unless said otherwise) and `MAX_SECRET_BYTES` (the sum of keys and values of one secret).
template <class Config>
class BaseSecretsStore : public SecretsStoreInterface {
 public:
  static constexpr Capabilities CAPABILITIES{};
  static constexpr Threading THREADING = Threading::serial;
  static constexpr std::uint64_t MAX_SECRET_BYTES = 1024 * 1024;

  /// For the SDK, once, before anything else.
  void attach(const kist_host& host, const Uuid& deployment_id, Config config) {
    host_ = &host;
    deployment_id_ = deployment_id;
    config_ = std::move(config);
  }

  /// Opens what the store needs. May talk to the back-end, within the deadline of `call`. What it
  /// throws becomes the host's error for this store.
  virtual void initialize(Call& /*call*/) {}

 protected:
  const Config& config() const noexcept { return config_; }

  /// Whose secrets these are: a record that another deployment wrote does not exist for this one
  /// (ST-6).
  const Uuid& deployment_id() const noexcept { return deployment_id_; }

  /// One line for the operator, never with a secret. Any thread.
  void log_info(std::string_view message) const { log(KIST_LOG_INFO, message); }
  void log_warning(std::string_view message) const { log(KIST_LOG_WARNING, message); }

 private:
  void log(std::int32_t level, std::string_view message) const {
    if (KIST_HAS(host_, log)) host_->log(host_, level, abi::bytes(message));
  }

  const kist_host* host_ = nullptr;
  Uuid deployment_id_;
  Config config_;
};

}  // namespace kist
