// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <kist/secrets_store_interface.hpp>

#include "store_under_test.hpp"

namespace kist::conformance {

/// The rows of a list, and its total if there was one.
struct Listing final : ListSink {
  bool item(const SecretMetadata& row) override {
    rows.push_back(row);
    return true;
  }
  void total(std::uint64_t given) override { count = given; }

  std::vector<std::string> names() const;

  std::vector<SecretMetadata> rows;
  std::optional<std::uint64_t> count;
};

/// An open store, each call of which has a patient deadline of its own. Any thread.
class StoreClient {
 public:
  explicit StoreClient(const StoreHome& home) : store_(home.open()) {}
  explicit StoreClient(std::unique_ptr<SecretsStoreInterface> store) : store_(std::move(store)) {}

  Secret create(const Secret& secret);
  Secret get(const Uuid& id);
  Secret update(const SecretUpdate& update);
  void remove(const Uuid& id, std::optional<std::uint64_t> if_revision = std::nullopt);
  Listing list(const ListQuery& query = {});
  void check_health();
  SecretsStoreInterface& interface() { return *store_; }

  /// text_of() what a get returns, or the code of its error.
  std::string text(const Uuid& id);

 private:
  std::unique_ptr<SecretsStoreInterface> store_;
};

/// "done", or the name of the code of the Error that `operation` throws.
template <class Operation>
std::string outcome_of(Operation&& operation) {
  try {
    operation();
    return "done";
  } catch (const Error& error) {
    return std::string(to_string(error.code));
  }
}

}  // namespace kist::conformance
