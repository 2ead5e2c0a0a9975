// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <kist/models.hpp>

namespace kist::core {

inline constexpr std::uint64_t kDefaultPageSize = 20;
inline constexpr std::uint64_t kMaxPageSize = 10'000;
/// The last page whose offset fits the signed 64 bits that SQL counts in, at any size.
inline constexpr std::uint64_t kMaxPage = INT64_MAX / kMaxPageSize;
inline constexpr std::size_t kMaxConditions = 100;

/// One `name=value` of a query string or of a command line, decoded.
struct ListParameter {
  std::string name;
  std::string value;
};

/// What a client asks of a listing; what it may see is not in here.
struct ListRequest {
  std::vector<Condition> conditions;
  bool match_any = false;  ///< `logical_operator=or`. Without conditions it means nothing.
  Field sort = Field::created;
  bool descending = false;
  std::uint64_t page = 1;  ///< From 1. Does not count with a cursor.
  std::uint64_t size = kDefaultPageSize;
  std::optional<std::string> cursor;  ///< `next_cursor` of the page before.
  bool with_total = false;            ///< Count with a cursor too.

  /// How many rows stand before the page. Cannot overflow.
  std::uint64_t offset() const { return (page - 1) * size; }
};

/// Reads true or false, in all the words that Python clients send for them.
/// Errors: InvalidParameter.
bool read_boolean(const ListParameter& parameter);

/// Reads the parameters of a listing. Filters may be given more than once, all else once;
/// parameters of other names are left alone, since clients of other versions send them.
/// Errors: InvalidParameter.
ListRequest parse_list_request(std::span<const ListParameter> parameters);

}  // namespace kist::core
