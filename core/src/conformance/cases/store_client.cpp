// SPDX-License-Identifier: Apache-2.0
#include "store_client.hpp"

#include "loader/host_call.hpp"
#include "samples.hpp"

namespace kist::conformance {

std::vector<std::string> Listing::names() const {
  std::vector<std::string> result;
  for (const SecretMetadata& row : rows) result.push_back(row.name);
  return result;
}

Secret StoreClient::create(const Secret& secret) {
  core::HostCall call(kPatience);
  return store_->create_secret(call, secret.clone());
}

Secret StoreClient::get(const Uuid& id) {
  core::HostCall call(kPatience);
  return store_->get_secret(call, id);
}

Secret StoreClient::update(const SecretUpdate& update) {
  core::HostCall call(kPatience);
  return store_->update_secret(call, update);
}

void StoreClient::remove(const Uuid& id, std::optional<std::uint64_t> if_revision) {
  core::HostCall call(kPatience);
  store_->delete_secret(call, id, if_revision);
}

Listing StoreClient::list(const ListQuery& query) {
  core::HostCall call(kPatience);
  Listing listing;
  store_->list_secrets(call, query, listing);
  return listing;
}

void StoreClient::check_health() {
  core::HostCall call(kPatience);
  store_->check_health(call);
}

std::string StoreClient::text(const Uuid& id) {
  std::string text;
  const std::string outcome = outcome_of([&] { text = text_of(get(id)); });
  return outcome == "done" ? text : outcome;
}

}  // namespace kist::conformance
