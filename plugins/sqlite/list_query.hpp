// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <kist/plugin.hpp>

#include "connection.hpp"

namespace kist::sqlite {

struct BoundBlob {
  std::string bytes;
};

/// A statement with what its parameters stand for. The text is made of fixed pieces alone: all that
/// a client sends is bound.
struct BoundSql {
  std::string text;
  std::vector<std::variant<std::int64_t, std::string, BoundBlob>> parameters;

  /// Both must stay as they are while the statement is used.
  void bind_to(Statement& statement) const;
};

/// The rows of the slice that `query` describes.
/// Errors: unimplemented: a field or operator that is not known, or do not fit each other;
/// invalid_argument: more conditions or texts than the store takes.
BoundSql rows_sql(const ListQuery& query);

/// The number of all rows that fit `query`: from the counts that the database keeps, where the
/// conditions are about nothing else. Errors: as for rows_sql().
BoundSql total_sql(const ListQuery& query);

}  // namespace kist::sqlite
