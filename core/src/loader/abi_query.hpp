// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <kist/models.hpp>
#include <kist/store.h>

namespace kist::core {

/// A ListQuery as the ABI has it. Borrows from the query, and owns the arrays in between.
class AbiQuery {
 public:
  explicit AbiQuery(const ListQuery& query);
  AbiQuery(const AbiQuery&) = delete;
  AbiQuery& operator=(const AbiQuery&) = delete;

  const kist_list_request& request() const { return request_; }

 private:
  std::vector<kist_uuid> workspaces_;
  std::vector<kist_bytes> texts_;  // Of all conditions, one after the other.
  std::vector<kist_condition> conditions_;
  kist_record after_{};
  kist_list_request request_{};
};

}  // namespace kist::core
