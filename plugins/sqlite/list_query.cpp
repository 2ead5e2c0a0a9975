// SPDX-License-Identifier: Apache-2.0
#include "list_query.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "secret_rows.hpp"

namespace kist::sqlite {

namespace {

/// SQLite takes 32,766 parameters, and expressions that are 1,000 deep.
constexpr std::size_t kParametersMax = 32'000;
constexpr std::size_t kConditionsMax = 500;
constexpr std::size_t kHexDigits = 32;

enum class Kind { text, uuid, time, number };

struct Column {
  std::string_view name;
  Kind kind;
};

Column column_of(Field field) {
  switch (field) {
    case Field::id:
      return {"s.id", Kind::uuid};
    case Field::name:
      return {"s.name", Kind::text};
    case Field::scope:
      return {"s.scope", Kind::text};
    case Field::workspace_id:
      return {"s.workspace_id", Kind::uuid};
    case Field::user_id:
      return {"s.user_id", Kind::uuid};
    case Field::created:
      return {"s.created", Kind::time};
    case Field::updated:
      return {"s.updated", Kind::time};
    case Field::revision:
      return {"s.revision", Kind::number};
  }
  throw Error(ErrorCode::unimplemented, "sqlite: the store does not know field " +
                                            std::to_string(static_cast<std::uint32_t>(field)));
}

/// Whether `secret_counts` has the field, under the same name.
bool is_counted(Field field) {
  return field == Field::workspace_id || field == Field::scope || field == Field::user_id;
}

std::string bytes_of(const Uuid& id) {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

/// The UUID whose digits are exactly `text`: a condition compares bytes, and here no hyphens.
std::optional<Uuid> uuid_of(std::string_view text) {
  const bool is_plain = text.size() == kHexDigits &&
                        text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  return is_plain ? Uuid::parse(text) : std::nullopt;
}

/// The first text behind all that start with `prefix`; nothing if there is none.
std::optional<std::string> end_of_prefix(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xff') prefix.pop_back();
  if (prefix.empty()) return std::nullopt;
  prefix.back() = static_cast<char>(prefix.back() + 1);
  return prefix;
}

class Writer {
 public:
  explicit Writer(const ListQuery& query) : query_(query) {
    if (query.conditions.size() > kConditionsMax) {
      throw Error(ErrorCode::invalid_argument,
                  "sqlite: a listing with " + std::to_string(query.conditions.size()) +
                      " conditions, expected at most " + std::to_string(kConditionsMax));
    }
  }

  void sql(std::string_view fragment) { out_.text += fragment; }
  void where() {
    sql(" WHERE ");
    visible();
    sql(" AND ");
    conditions();
  }
  void behind(const SecretMetadata& row);
  void order();
  void slice();

  BoundSql take() {
    if (out_.parameters.size() > kParametersMax) {
      throw Error(ErrorCode::invalid_argument,
                  "sqlite: a listing with " + std::to_string(out_.parameters.size()) +
                      " texts, expected at most " + std::to_string(kParametersMax));
    }
    return std::move(out_);
  }

 private:
  void bind(std::int64_t value) {
    sql("?");
    out_.parameters.emplace_back(value);
  }
  void bind_text(std::string text) {
    sql("?");
    out_.parameters.emplace_back(std::move(text));
  }
  void bind_blob(std::string bytes) {
    sql("?");
    out_.parameters.emplace_back(BoundBlob{std::move(bytes)});
  }
  void bind(const Uuid& id) { bind_blob(bytes_of(id)); }
  void bind(Timestamp time) { bind(time.time_since_epoch().count()); }
  void bind_sort_value(const SecretMetadata& row);

  void visible();
  void conditions();
  void condition(const Condition& condition);
  void time_condition(const Condition& condition, std::string_view column);
  void compared(const Condition& condition, const Column& column);
  void prefix_condition(const std::string& text, const Column& column);
  void part_condition(const Condition& condition, const Column& column);

  const ListQuery& query_;
  BoundSql out_;
};

void Writer::visible() {
  const auto& [workspaces, user_id] = query_.visible;
  sql("1");
  if (workspaces) {
    // One workspace has indexes of its own, in the order of the page. Where there is none, the plus
    // keeps SQLite from gathering and sorting all rows: it walks the order, and leaves out.
    const bool has_index =
        workspaces->size() == 1 && (query_.sort == Field::name || query_.sort == Field::created ||
                                    query_.sort == Field::updated);
    sql(has_index ? " AND s.workspace_id IN (" : " AND +s.workspace_id IN (");
    for (std::size_t i = 0; i < workspaces->size(); ++i) {
      if (i > 0) sql(",");
      bind((*workspaces)[i]);
    }
    sql(")");
  }
  if (user_id) {
    sql(" AND (s.scope = 'workspace' OR s.user_id = ");
    bind(*user_id);
    sql(")");
  }
}

void Writer::conditions() {
  if (query_.conditions.empty()) return sql("1");
  sql("(");
  for (std::size_t i = 0; i < query_.conditions.size(); ++i) {
    if (i > 0) sql(query_.match_any ? " OR " : " AND ");
    condition(query_.conditions[i]);
  }
  sql(")");
}

void Writer::condition(const Condition& condition) {
  const Column column = column_of(condition.field);
  const bool is_range =
      condition.op == Operator::in_range || condition.op == Operator::not_in_range;
  if (column.kind == Kind::number || is_range != (column.kind == Kind::time)) {
    throw Error(ErrorCode::unimplemented,
                "sqlite: the store does not know operator " +
                    std::to_string(static_cast<std::uint32_t>(condition.op)) + " for field " +
                    std::to_string(static_cast<std::uint32_t>(condition.field)));
  }
  if (is_range) return time_condition(condition, column.name);
  if (condition.op != Operator::one_of && condition.texts.size() != 1) {
    throw Error(ErrorCode::invalid_argument, "sqlite: a condition with " +
                                                 std::to_string(condition.texts.size()) +
                                                 " texts, expected one");
  }
  switch (condition.op) {
    case Operator::equals:
    case Operator::not_equals:
    case Operator::one_of:
      return compared(condition, column);
    case Operator::starts_with:
      return prefix_condition(condition.texts.front(), column);
    case Operator::contains:
    case Operator::ends_with:
      return part_condition(condition, column);
    default:
      throw Error(ErrorCode::unimplemented,
                  "sqlite: the store does not know operator " +
                      std::to_string(static_cast<std::uint32_t>(condition.op)));
  }
}

void Writer::time_condition(const Condition& condition, std::string_view column) {
  sql(condition.op == Operator::in_range ? "(" : "NOT (");
  sql(column);
  sql(" >= ");
  bind(condition.from);
  if (condition.until != Timestamp::max()) {
    sql(" AND ");
    sql(column);
    sql(" < ");
    bind(condition.until);
  }
  sql(")");
}

void Writer::compared(const Condition& condition, const Column& column) {
  sql(column.name);
  sql(condition.op == Operator::not_equals ? " NOT IN (" : " IN (");
  bool is_first = true;
  for (const std::string& text : condition.texts) {
    const auto id = column.kind == Kind::uuid ? uuid_of(text) : std::nullopt;
    if (column.kind == Kind::uuid && !id) continue;  // Equals no UUID.
    if (!std::exchange(is_first, false)) sql(",");
    if (id)
      bind(*id);
    else
      bind_text(text);
  }
  sql(")");
}

/// As a range, which an index can serve.
void Writer::prefix_condition(const std::string& text, const Column& column) {
  if (text.empty()) return sql("1");
  if (column.kind == Kind::uuid) {
    const std::size_t rest = kHexDigits - std::min(kHexDigits, text.size());
    const auto low = uuid_of(text + std::string(rest, '0'));
    const auto high = uuid_of(text + std::string(rest, 'f'));
    if (!low || !high) return sql("0");
    sql(column.name);
    sql(" BETWEEN ");
    bind(*low);
    sql(" AND ");
    return bind(*high);
  }
  sql("(");
  sql(column.name);
  sql(" >= ");
  bind_text(text);
  if (auto end = end_of_prefix(text)) {
    sql(" AND ");
    sql(column.name);
    sql(" < ");
    bind_text(std::move(*end));
  }
  sql(")");
}

/// On blobs, because on text SQLite counts characters.
void Writer::part_condition(const Condition& condition, const Column& column) {
  const std::string& text = condition.texts.front();
  if (text.empty()) return sql("1");
  std::string bytes = "CAST(";
  bytes += column.kind == Kind::uuid ? "lower(hex(" : "";
  bytes += column.name;
  bytes += column.kind == Kind::uuid ? "))" : "";
  bytes += " AS BLOB)";
  if (condition.op == Operator::contains) {
    sql("instr(" + bytes + ", ");
    bind_blob(text);
    return sql(") > 0");
  }
  sql("substr(" + bytes + ", ");
  bind(-static_cast<std::int64_t>(text.size()));
  sql(") = ");
  bind_blob(text);
}

void Writer::bind_sort_value(const SecretMetadata& row) {
  switch (query_.sort) {
    case Field::id:
      return bind(row.id);
    case Field::name:
      return bind_text(row.name);
    case Field::scope:
      return bind_text(std::string(to_string(row.scope)));
    case Field::workspace_id:
      return bind(row.workspace_id);
    case Field::user_id:
      return bind(row.user_id);
    case Field::created:
      return bind(row.created);
    case Field::updated:
      return bind(row.updated);
    case Field::revision:
      return bind(static_cast<std::int64_t>(row.revision));
  }
}

/// Rows of the page's order behind `row`.
void Writer::behind(const SecretMetadata& row) {
  const std::string column(column_of(query_.sort).name);
  if (query_.sort == Field::id) {
    sql(query_.descending ? " AND s.id < " : " AND s.id > ");
    return bind(row.id);
  }
  if (!query_.descending) {
    sql(" AND (" + column + ", s.id) > (");
    bind_sort_value(row);
    sql(", ");
    bind(row.id);
    return sql(")");
  }
  // The id ascends where the field descends, so there is no row value for it.
  sql(" AND " + column + " <= ");
  bind_sort_value(row);
  sql(" AND (" + column + " < ");
  bind_sort_value(row);
  sql(" OR s.id > ");
  bind(row.id);
  sql(")");
}

void Writer::order() {
  sql(" ORDER BY ");
  sql(column_of(query_.sort).name);
  if (query_.descending) sql(" DESC");
  if (query_.sort != Field::id) sql(", s.id");
}

void Writer::slice() {
  constexpr std::uint64_t all = std::numeric_limits<std::int64_t>::max();
  sql(" LIMIT ");
  bind(static_cast<std::int64_t>(std::min(query_.limit, all)));
  sql(" OFFSET ");
  bind(static_cast<std::int64_t>(std::min(query_.offset, all)));
}

}  // namespace

void BoundSql::bind_to(Statement& statement) const {
  int index = 0;
  for (const auto& parameter : parameters) {
    ++index;
    if (const auto* number = std::get_if<std::int64_t>(&parameter))
      statement.bind(index, *number);
    else if (const auto* plain = std::get_if<std::string>(&parameter))
      statement.bind_text(index, *plain);
    else
      statement.bind_blob(index, std::get<BoundBlob>(parameter).bytes);
  }
}

BoundSql rows_sql(const ListQuery& query) {
  Writer writer(query);
  writer.sql("SELECT ");
  writer.sql(kMetadataColumns);
  writer.sql(" FROM secrets AS s");
  // The rows that an offset leaves out are passed in an index, and not looked up one by one.
  const bool skips = query.offset > 0;
  if (skips) writer.sql(" WHERE s.id IN (SELECT s.id FROM secrets AS s");
  writer.where();
  if (query.after) writer.behind(*query.after);
  writer.order();
  writer.slice();
  if (skips) {
    writer.sql(")");
    writer.order();
  }
  return writer.take();
}

BoundSql total_sql(const ListQuery& query) {
  const bool from_counts =
      std::all_of(query.conditions.begin(), query.conditions.end(),
                  [](const Condition& condition) { return is_counted(condition.field); });
  Writer writer(query);
  writer.sql(from_counts ? "SELECT coalesce(sum(s.n), 0) FROM secret_counts AS s"
                         : "SELECT count(*) FROM secrets AS s");
  writer.where();
  return writer.take();
}

}  // namespace kist::sqlite
