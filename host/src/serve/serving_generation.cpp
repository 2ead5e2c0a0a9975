// SPDX-License-Identifier: Apache-2.0
#include "serve/serving_generation.hpp"

#include <algorithm>
#include <utility>

#include "cli/plugin_commands.hpp"
#include "cli/store_commands.hpp"
#include "secrets/uuid.hpp"

namespace kist::serve {
namespace {

const core::StoreTypeManifest* manifest_of(const cli::OpenHost& host) {
  return host.plugin() == nullptr ? nullptr : &host.plugin()->store->manifest();
}

bool is_local(const core::StoreTypeManifest* manifest) {
  return manifest == nullptr || manifest->has("local");
}

}  // namespace

ServingGeneration::ServingGeneration(std::unique_ptr<cli::OpenHost> host, api::Metrics& metrics)
    : host_(std::move(host)),
      store_type_(manifest_of(*host_) == nullptr ? "none" : manifest_of(*host_)->type),
      store_is_local_(is_local(manifest_of(*host_))),
      store_(host_->store(), metrics),
      service_(store_, host_->directory(), host_->limits(), core::system_clock_now, core::new_uuid,
               host_->deployment().cursor_key),
      authenticator_(host_->directory(), configuration().principals),
      directory_json_(host_->directory()) {}

boost::json::value ServingGeneration::describe_store() const { return cli::describe_store(*host_); }

boost::json::value ServingGeneration::describe_plugins() const {
  return cli::describe_plugins(configuration().plugins);
}

std::shared_ptr<const ServingGeneration> ServingGenerations::serving() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

void ServingGenerations::replace(std::shared_ptr<const ServingGeneration> next) {
  const std::lock_guard lock(mutex_);
  earlier_.push_back(std::exchange(current_, std::move(next)));
}

void ServingGenerations::close_unused() {
  std::vector<std::shared_ptr<const ServingGeneration>> unused;
  const std::lock_guard lock(mutex_);
  // Nobody takes a new reference to what is no longer current, so a count of one stays one.
  std::erase_if(earlier_, [&](auto& generation) {
    if (generation.use_count() > 1) return false;
    unused.push_back(std::move(generation));
    return true;
  });
}

}  // namespace kist::serve
