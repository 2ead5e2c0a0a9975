// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <kist/secret_values.hpp>
#include <kist/store.h>
#include <kist/uuid.hpp>

namespace kist {

/// UTC, in microseconds.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

/// What a secret's name is unique in (ST-2): its workspace, or its workspace and its owner.
enum class Scope : std::uint32_t { workspace = KIST_SCOPE_WORKSPACE, user = KIST_SCOPE_USER };

constexpr std::string_view to_string(Scope scope) {
  return scope == Scope::user ? "user" : "workspace";
}

/// Everything about a secret but its values. The host sets the ids and the times; the store, which
/// never looks at a clock, counts the revision.
struct SecretMetadata {
  Uuid id;
  std::string name;  ///< UTF-8, 1 to 255 code points, compared byte by byte.
  Scope scope = Scope::workspace;
  Uuid workspace_id;
  Uuid user_id;  ///< The owner.
  Timestamp created, updated;
  std::uint64_t revision = 1;
  /// False in a listing when what is stored cannot be read in full (ST-9): only `id` is sure then.
  bool readable = true;
};

struct Secret : SecretMetadata {
  SecretValues values;

  Secret clone() const {
    Secret copy{{static_cast<const SecretMetadata&>(*this)}, values.clone()};
    return copy;
  }
};

/// A change to a secret: only what is present changes (ST-10).
struct SecretUpdate {
  Uuid id;
  std::optional<std::string> name;
  std::optional<Scope> scope;
  std::optional<SecretPatch> values;
  /// With `values`: they are the whole new map, and what is stored need not be readable (ST-16).
  bool replace_values = false;
  Timestamp updated;
  std::optional<std::uint64_t> if_revision;  ///< ST-13.
};

enum class Field : std::uint32_t {
  id = KIST_FIELD_ID,
  name = KIST_FIELD_NAME,
  scope = KIST_FIELD_SCOPE,
  workspace_id = KIST_FIELD_WORKSPACE_ID,
  user_id = KIST_FIELD_USER_ID,
  created = KIST_FIELD_CREATED,
  updated = KIST_FIELD_UPDATED,
  revision = KIST_FIELD_REVISION,
};

enum class Operator : std::uint32_t {
  equals = KIST_OP_EQUALS,
  not_equals = KIST_OP_NOT_EQUALS,
  contains = KIST_OP_CONTAINS,
  starts_with = KIST_OP_STARTS_WITH,
  ends_with = KIST_OP_ENDS_WITH,
  one_of = KIST_OP_ONE_OF,
  in_range = KIST_OP_IN_RANGE,
  not_in_range = KIST_OP_NOT_IN_RANGE,
};

/// One condition of a listing. Text operators compare bytes with `texts`: UUIDs as 32 hex digits in
/// lower case, scopes as "workspace" and "user". Range operators compare a time: `from` <= time <
/// `until`.
struct Condition {
  Field field = Field::name;
  Operator op = Operator::equals;
  std::vector<std::string> texts;  ///< One; any number for one_of; none for a time.
  Timestamp from = Timestamp::min();
  Timestamp until = Timestamp::max();
};

/// Which rows may be seen, whatever the conditions say (FL-5): those of `workspaces` whose scope is
/// `workspace` or whose owner is `user_id`. An absent member does not limit.
struct Visibility {
  std::optional<std::vector<Uuid>> workspaces;
  std::optional<Uuid> user_id;
};

/// A slice of the listing of all secrets.
struct ListQuery {
  Visibility visible;
  std::vector<Condition> conditions;
  bool match_any = false;  ///< One condition is enough; otherwise all must hold.
  Field sort = Field::created;
  bool descending = false;  ///< By `sort`; equal rows are in ascending order of id always.
  std::uint64_t offset = 0;
  std::uint64_t limit = UINT64_MAX;
  std::optional<SecretMetadata>
      after;  ///< Only rows behind this one; its `id` and `sort` field count.
  bool with_total = false;
};

/// Where a store puts the rows of a listing.
class ListSink {
 public:
  virtual ~ListSink() = default;
  /// Takes one row. False: enough, send no more.
  virtual bool item(const SecretMetadata& row) = 0;
  /// The number of all rows that fit the query, whatever its slice.
  virtual void total(std::uint64_t count) = 0;
};

}  // namespace kist
