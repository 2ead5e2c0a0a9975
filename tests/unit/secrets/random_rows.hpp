// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <kist/models.hpp>

namespace kist::core::testing {

/// Small worlds of secrets and questions about them, so that equal names, times and owners are
/// common. The same seed gives the same world.
class RandomRows {
 public:
  explicit RandomRows(std::uint32_t seed) : engine_(seed) {}

  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(engine_()) % bound; }

  /// One of a few, as workspaces and owners are.
  Uuid known_id() {
    Uuid id;
    id.bytes[0] = static_cast<std::uint8_t>(0x10 + below(3));
    return id;
  }
  Uuid fresh_id() {
    Uuid id;
    for (auto& byte : id.bytes) byte = static_cast<std::uint8_t>(below(256));
    return id;
  }
  std::string name() {
    static const char* const kParts[] = {"a", "b", "A", "%", "_", "\u00E9", "\U0001F511"};
    std::string text;
    for (std::uint32_t i = 1 + below(3); i > 0; --i) text += kParts[below(7)];
    return text;
  }
  Timestamp time() { return Timestamp(std::chrono::microseconds(1'000'000 + below(8))); }

  SecretMetadata row() {
    SecretMetadata row;
    row.id = fresh_id();
    row.name = name();
    row.scope = below(2) == 0 ? Scope::workspace : Scope::user;
    row.workspace_id = known_id();
    row.user_id = known_id();
    row.created = time();
    row.updated = time();
    row.revision = 1 + below(4);
    return row;
  }
  std::vector<SecretMetadata> rows(std::size_t count) {
    std::vector<SecretMetadata> rows;
    for (std::size_t i = 0; i < count; ++i) rows.push_back(row());
    return rows;
  }

  Field sort_field() { return static_cast<Field>(1 + below(8)); }

  Condition condition() {
    Condition condition;
    condition.field = static_cast<Field>(1 + below(7));
    if (condition.field == Field::created || condition.field == Field::updated) {
      condition.op = below(2) == 0 ? Operator::in_range : Operator::not_in_range;
      if (below(3) != 0) condition.from = time();
      if (below(3) != 0) condition.until = time();
      return condition;
    }
    condition.op = static_cast<Operator>(1 + below(6));
    const std::uint32_t texts = condition.op == Operator::one_of ? below(4) : 1;
    for (std::uint32_t i = 0; i < texts; ++i) condition.texts.push_back(text_of(condition.field));
    return condition;
  }

  ListQuery query() {
    ListQuery query;
    if (below(2) == 0) query.visible.workspaces = {known_id(), known_id()};
    if (below(2) == 0) query.visible.user_id = known_id();
    for (std::uint32_t i = below(4); i > 0; --i) query.conditions.push_back(condition());
    query.match_any = below(2) == 0;
    query.sort = sort_field();
    query.descending = below(2) == 0;
    query.offset = below(2) == 0 ? 0 : below(12);
    query.limit = below(4) == 0 ? UINT64_MAX : below(12);
    query.with_total = below(2) == 0;
    return query;
  }

 private:
  std::string text_of(Field field) {
    if (field == Field::name) return name();
    if (field == Field::scope) return below(2) == 0 ? "user" : "workspace";
    const std::string hex = known_id().to_hex();
    return below(2) == 0 ? hex : hex.substr(0, below(4));
  }

  std::mt19937 engine_;
};

}  // namespace kist::core::testing
