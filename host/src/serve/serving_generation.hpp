// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "api/directory_json.hpp"
#include "api/generation.hpp"
#include "api/metered_store.hpp"
#include "cli/open_host.hpp"

namespace kist::serve {

/// A configuration that serves: the host that was opened from it, and who may ask.
class ServingGeneration final : public api::Generation {
 public:
  /// `metrics` outlives it. Errors: those of core::Authenticator.
  ServingGeneration(std::unique_ptr<cli::OpenHost> host, api::Metrics& metrics);

  const cli::OpenHost& host() const { return *host_; }
  const core::Configuration& configuration() const { return host_->loaded().configuration; }

  const core::Directory& directory() const override { return host_->directory(); }
  const api::DirectoryJson& directory_json() const override { return directory_json_; }
  const core::Authenticator& authenticator() const override { return authenticator_; }
  core::SecretsService& service() const override { return service_; }
  SecretsStoreInterface& store() const override { return store_; }
  const core::HttpLimits& limits() const override { return configuration().http.limits; }
  const Uuid& deployment_id() const override { return host_->deployment().id; }
  const std::string& store_type() const override { return store_type_; }
  bool store_is_local() const override { return store_is_local_; }
  boost::json::value describe_store() const override;
  boost::json::value describe_plugins() const override;

 private:
  std::unique_ptr<cli::OpenHost> host_;
  const std::string store_type_;
  const bool store_is_local_;
  // Both are as concurrent as the store: a request changes what is stored, not the generation.
  mutable api::MeteredStore store_;
  mutable core::SecretsService service_;
  core::Authenticator authenticator_;
  api::DirectoryJson directory_json_;
};

/// The generation in force, and those before it until their last request is answered.
class ServingGenerations final : public api::Generations {
 public:
  explicit ServingGenerations(std::shared_ptr<const ServingGeneration> first)
      : current_(std::move(first)) {}

  std::shared_ptr<const api::Generation> current() const override { return serving(); }
  std::shared_ptr<const ServingGeneration> serving() const;

  void replace(std::shared_ptr<const ServingGeneration> next);
  /// Closes those that nobody uses any more, on this thread: closing a store may take a while, and
  /// whoever answers the last request has others to serve. Call it now and then.
  void close_unused();

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const ServingGeneration> current_;               // Guarded by mutex_.
  std::vector<std::shared_ptr<const ServingGeneration>> earlier_;  // Guarded by mutex_.
};

}  // namespace kist::serve
