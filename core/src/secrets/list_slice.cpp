// SPDX-License-Identifier: Apache-2.0
#include "secrets/list_slice.hpp"

#include <algorithm>

#include "secrets/list_order.hpp"

namespace kist::core {

ListSlice::ListSlice(const ListQuery& query, ListSink& next)
    : query_(query),
      next_(next),
      capacity_(query.limit > UINT64_MAX - query.offset ? UINT64_MAX : query.offset + query.limit) {
}

bool ListSlice::before(const SecretMetadata& a, const SecretMetadata& b) const {
  return comes_before(query_.sort, query_.descending, a, b);
}

bool ListSlice::item(const SecretMetadata& row) {
  if (!matches(query_, row)) return true;
  ++total_;
  if (query_.limit == 0 || (query_.after && !before(*query_.after, row))) return true;

  const auto order = [this](const auto& a, const auto& b) { return before(a, b); };
  if (best_.size() == capacity_) {
    if (!before(row, best_.front())) return true;
    std::pop_heap(best_.begin(), best_.end(), order);
    best_.back() = row;
  } else {
    best_.push_back(row);
  }
  std::push_heap(best_.begin(), best_.end(), order);
  return true;
}

void ListSlice::finish() {
  std::sort_heap(best_.begin(), best_.end(),
                 [this](const auto& a, const auto& b) { return before(a, b); });
  if (query_.with_total) next_.total(total_);
  for (std::size_t i = 0; i < best_.size(); ++i) {
    if (i >= query_.offset && !next_.item(best_[i])) return;
  }
}

}  // namespace kist::core
