// SPDX-License-Identifier: Apache-2.0
#include "loader/abi_query.hpp"

#include <cstddef>

#include <kist/abi.hpp>

namespace kist::core {
namespace {

std::uint32_t flags_of(const ListQuery& query) {
  std::uint32_t flags = 0;
  if (query.match_any) flags |= KIST_LIST_MATCH_ANY;
  if (query.descending) flags |= KIST_LIST_DESCENDING;
  if (query.with_total) flags |= KIST_LIST_WITH_TOTAL;
  if (!query.visible.workspaces) flags |= KIST_LIST_ALL_WORKSPACES;
  if (!query.visible.user_id) flags |= KIST_LIST_ALL_USERS;
  return flags;
}

}  // namespace

AbiQuery::AbiQuery(const ListQuery& query) {
  if (query.visible.workspaces) {
    for (const Uuid& id : *query.visible.workspaces) workspaces_.push_back(abi::uuid(id));
  }
  std::size_t text_count = 0;
  for (const Condition& condition : query.conditions) text_count += condition.texts.size();
  texts_.reserve(text_count);  // So that pointers into it stay.
  for (const Condition& condition : query.conditions) {
    const kist_bytes* const first = texts_.data() + texts_.size();
    for (const std::string& text : condition.texts) texts_.push_back(abi::bytes(text));
    conditions_.push_back({static_cast<std::uint32_t>(condition.field),
                           static_cast<std::uint32_t>(condition.op), first, condition.texts.size(),
                           abi::microseconds(condition.from), abi::microseconds(condition.until)});
  }
  request_.struct_size = sizeof(request_);
  request_.flags = flags_of(query);
  request_.workspaces = workspaces_.data();
  request_.workspace_count = workspaces_.size();
  if (query.visible.user_id) request_.user_id = abi::uuid(*query.visible.user_id);
  request_.conditions = conditions_.data();
  request_.condition_count = conditions_.size();
  request_.sort_field = static_cast<std::uint32_t>(query.sort);
  request_.offset = query.offset;
  request_.limit = query.limit;
  if (query.after) {
    after_ = abi::record(*query.after);
    request_.after = &after_;
  }
}

}  // namespace kist::core
