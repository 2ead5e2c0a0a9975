// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <kist/models.hpp>

namespace kist::conformance {

/// What a list must give, worked out in the plainest way: filter all, sort all, cut. It shares no
/// code with the host's engine or with any store's.
struct ModelListing {
  std::vector<SecretMetadata> rows;
  std::uint64_t total = 0;
};
ModelListing model_list(const std::vector<SecretMetadata>& all, const ListQuery& query);

/// Rows and queries that meet often: few workspaces, users, times and letters, so that there are
/// ties, empty answers, and operators with something to find.
class RandomLists {
 public:
  explicit RandomLists(std::uint32_t seed) : random_(seed) {}

  Secret secret(std::size_t number);
  ListQuery query(const std::vector<SecretMetadata>& all);

 private:
  std::uint64_t below(std::uint64_t end) { return random_() % end; }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  Condition condition(const std::vector<SecretMetadata>& all);
  std::string text_for(const std::vector<SecretMetadata>& all, Field field);

  std::mt19937 random_;
};

/// The query in one line, for a failed comparison.
std::string text_of(const ListQuery& query);

}  // namespace kist::conformance
