// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <kist/models.hpp>

namespace kist::core {

/// Filters, sorts and pages for stores that only scan: takes every row of a store in any order, and
/// gives the next sink the slice that the query describes. Holds offset + limit rows at most, so a
/// page behind a cursor needs the memory of one page.
///
/// `query` and `next` are borrowed and must outlive it. Not for several threads.
class ListSlice final : public ListSink {
 public:
  ListSlice(const ListQuery& query, ListSink& next);

  /// Always true: the best row may be the last.
  bool item(const SecretMetadata& row) override;
  /// A store that scans counts what it has, not what fits: its total is left alone.
  void total(std::uint64_t /*count*/) override {}

  /// Sends the slice, and the total if the query asks for one. Call it once, after the last row.
  void finish();

 private:
  bool before(const SecretMetadata& a, const SecretMetadata& b) const;

  const ListQuery& query_;
  ListSink& next_;
  std::uint64_t capacity_;  // offset + limit.
  std::uint64_t total_ = 0;
  std::vector<SecretMetadata> best_;  // A heap whose top comes last in the order.
};

}  // namespace kist::core
