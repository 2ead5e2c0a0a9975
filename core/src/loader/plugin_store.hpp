// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <kist/secrets_store_interface.hpp>

#include "loader/abi_call.hpp"
#include "loader/call_trace.hpp"
#include "loader/plugin_image.hpp"

namespace kist::core {

/// One option of a store's configuration, checked against the manifest. The text has the form of
/// kist_option.text.
struct OpenOption {
  std::string name;
  OptionKind kind = OptionKind::string;
  bool secret = false;
  SecretValue text;
};

/// The host's view of one store of a plugin: turns SecretsStoreInterface into calls of the ABI, and
/// trusts none of what comes back. Over a store that declares `scan` it filters, sorts and pages by
/// itself.
///
/// Threads: any number; a store type that is `serial` gets one call after the other.
class PluginStore final : public SecretsStoreInterface {
 public:
  struct Settings {
    Uuid deployment_id;
    std::vector<OpenOption> options;
    CallTrace trace = {};  ///< Empty: nobody is told.
  };

  /// Opens the store. `host` outlives it. Not to be used on two threads at once (KP-14 is watched
  /// for the whole process).
  /// Errors: what the plugin says, or internal if it breaks a rule of the ABI; PluginRefused,
  /// KP-14.
  static std::unique_ptr<PluginStore> open(std::shared_ptr<const PluginImage> image,
                                           const std::string& type, const HostTable& host,
                                           Call& call, const Settings& settings);
  ~PluginStore() override;

  /// What the manifest says of this store.
  const StoreTypeManifest& manifest() const { return manifest_; }
  const PluginImage& image() const { return *image_; }
  std::shared_ptr<const PluginImage> shared_image() const { return image_; }

  Secret create_secret(Call& call, Secret secret) override;
  Secret get_secret(Call& call, const Uuid& id) override;
  void list_secrets(Call& call, const ListQuery& query, ListSink& sink) override;
  Secret update_secret(Call& call, const SecretUpdate& update) override;
  void delete_secret(Call& call, const Uuid& id, std::optional<std::uint64_t> if_revision) override;
  void check_health(Call& call) override;

 private:
  PluginStore(std::shared_ptr<const PluginImage> image, const kist_store_type& type,
              const StoreTypeManifest& manifest, const HostTable& host);

  /// Lets one call of a serial store run at a time.
  class Turn {
   public:
    /// Errors: cancelled, deadline_exceeded.
    void take(const Call& call);
    void give_back();

   private:
    std::mutex mutex_;
    std::condition_variable free_;
    bool taken_ = false;  // Guarded by mutex_.
  };

  /// Runs `operation()`, a function of the table, when it is its turn, and throws what went wrong.
  template <class Operation>
  void run(kist_call& call, TracedCall traced, Operation&& operation);
  /// What is known of a call before it. `given` are the values that it takes.
  TracedCall traced(std::string_view function, std::optional<Uuid> id = {},
                    std::optional<std::span<const kist_value>> given = {}) const;
  /// Tells of the call, and throws what went wrong.
  void finish(kist_call& call, TracedCall& traced) const;
  void tell(const TracedCall& traced) const noexcept;
  Secret take(kist_call& call, const Uuid& id) const;
  void stream(Call& call, const ListQuery& query, ListSink& sink);
  void keep_options_from_messages(kist_call& call) const;

  std::shared_ptr<const PluginImage> image_;
  const kist_store_type& type_;
  const StoreTypeManifest& manifest_;
  const kist_store_table& table_;
  HostTable host_;                           // With the secrets of this store.
  std::vector<SecretValue> secret_options_;  // To keep them out of the plugin's messages.
  CallTrace trace_;
  Turn turn_;
  kist_store* store_ = nullptr;
};

}  // namespace kist::core
