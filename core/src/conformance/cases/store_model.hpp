// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <kist/models.hpp>

namespace kist::conformance {

/// What a store must do, in the plainest way: one map, and a walk through it for each name. It
/// shares no code with any store.
class StoreModel {
 public:
  /// Each does what is asked for if it may be done, and says how that must end: "done", or the code
  /// of the error. Where two rules forbid it, either code will do.
  using Outcomes = std::vector<std::string>;
  Outcomes create(const Secret& secret);
  Outcomes update(const SecretUpdate& update);
  Outcomes remove(const Uuid& id, std::optional<std::uint64_t> if_revision);

  /// text_of() the secret, or "not_found".
  std::string text(const Uuid& id) const;
  /// text_of() the rows, in the order of their ids.
  std::vector<std::string> rows() const;

  const std::map<Uuid, Secret>& secrets() const { return secrets_; }

 private:
  bool is_taken(const SecretMetadata& wanted) const;

  std::map<Uuid, Secret> secrets_;
};

}  // namespace kist::conformance
