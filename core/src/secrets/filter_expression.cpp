// SPDX-License-Identifier: Apache-2.0
#include "secrets/filter_expression.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include <boost/json.hpp>

#include "secrets/invalid_parameter.hpp"
#include "secrets/time_text.hpp"
#include "text/printable.hpp"

namespace kist::core {
namespace {

constexpr std::string_view kTextOperators[] = {"equals",     "notequals", "contains",
                                               "startswith", "endswith",  "oneof"};
constexpr std::string_view kTimeOperators[] = {"equals", "notequals", "gt", "gte",
                                               "lt",     "lte",       "in"};

constexpr std::string_view kTimeForm = "'YYYY-MM-DD HH:MM:SS' in UTC or RFC 3339";

using Words = std::span<const std::string_view>;

bool contains(Words words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string joined(Words words) {
  std::string text;
  for (const std::string_view word : words) {
    if (!text.empty()) text += ", ";
    text += word;
  }
  return text;
}

bool is_time(Field field) { return field == Field::created || field == Field::updated; }
bool is_uuid(Field field) {
  return field == Field::id || field == Field::workspace_id || field == Field::user_id;
}

/// What a field's expressions may be, and how to complain about one that is not.
struct Expression {
  Field field;
  std::string_view op;
  std::string_view value;

  Words operators() const { return is_time(field) ? Words(kTimeOperators) : Words(kTextOperators); }

  InvalidParameter refusal(std::string_view text, const std::string& fault,
                           std::vector<std::string> allowed = {}) const {
    return {"filter '" + std::string(field_name(field)) + "': " + in_quotes(text) + " " + fault,
            FieldError{std::string(field_name(field)), printable(text), std::move(allowed)}};
  }
};

/// Splits at the first colon if an operator, of whichever kind of field, stands before it (FL-1).
Expression split(Field field, std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos) {
    const std::string_view left = text.substr(0, colon);
    if (contains(kTextOperators, left) || contains(kTimeOperators, left))
      return {field, left, text.substr(colon + 1)};
  }
  return {field, "equals", text};
}

void check_operator(const Expression& expression) {
  const Words allowed = expression.operators();
  if (contains(allowed, expression.op)) return;
  const std::string kind = is_time(expression.field)   ? "a time"
                           : is_uuid(expression.field) ? "a UUID"
                                                       : "text";
  throw expression.refusal(expression.op,
                           "is no operator for " + kind + "; allowed: " + joined(allowed),
                           {allowed.begin(), allowed.end()});
}

/// The strings of `oneof:["a","b"]`.
std::vector<std::string> parse_list(const Expression& expression) {
  std::vector<std::string> texts;
  boost::system::error_code failure;
  const auto list = boost::json::parse(
      boost::json::string_view(expression.value.data(), expression.value.size()), failure);
  bool is_list = !failure && list.is_array();
  if (is_list) {
    for (const auto& element : list.get_array()) {
      is_list = is_list && element.is_string();
      if (is_list) texts.emplace_back(element.get_string());
    }
  }
  if (!is_list)
    throw expression.refusal(expression.value,
                             R"(is not a JSON list of strings; expected oneof:["a","b"])",
                             {R"(oneof:["a","b"])"});
  return texts;
}

Operator text_operator(std::string_view op) {
  constexpr Operator kMeanings[] = {Operator::equals,      Operator::not_equals, Operator::contains,
                                    Operator::starts_with, Operator::ends_with,  Operator::one_of};
  const auto* const found = std::find(std::begin(kTextOperators), std::end(kTextOperators), op);
  return kMeanings[found - std::begin(kTextOperators)];
}

/// Lower case without hyphens. What is no hex digit stays, and matches nothing.
std::string normalised_uuid(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c != '-') digits += c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return digits;
}

Condition text_condition(const Expression& expression) {
  Condition condition;
  condition.field = expression.field;
  condition.op = text_operator(expression.op);
  if (condition.op == Operator::one_of)
    condition.texts = parse_list(expression);
  else
    condition.texts.emplace_back(expression.value);

  const bool in_part = condition.op == Operator::contains ||
                       condition.op == Operator::starts_with || condition.op == Operator::ends_with;
  for (std::string& text : condition.texts) {
    // Some back-ends would fail at these bytes, and no field ever holds them.
    if (!is_utf8(text)) throw expression.refusal(text, "is not valid UTF-8");
    if (text.find('\0') != std::string::npos) throw expression.refusal(text, "holds a NUL byte");
    if (expression.field == Field::scope && !in_part && text != "workspace" && text != "user")
      throw expression.refusal(text, "is no scope; expected workspace or user",
                               {"workspace", "user"});
    if (!is_uuid(expression.field)) continue;
    if (!in_part && !Uuid::parse(text))
      throw expression.refusal(text,
                               "is not a UUID; expected 32 hex digits, or use contains, startswith "
                               "or endswith for a part",
                               {"contains", "startswith", "endswith"});
    text = normalised_uuid(text);
  }
  return condition;
}

/// True if `text` looks as if a word before the first colon was meant to be an operator.
bool has_unknown_operator(std::string_view text) {
  const std::size_t letters = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_");
  return letters != 0 && letters != std::string_view::npos && text[letters] == ':';
}

WrittenTime read_time(const Expression& expression, std::string_view text) {
  if (const auto time = parse_time(text)) return *time;
  std::string fault = "is not a time; expected " + std::string(kTimeForm);
  if (has_unknown_operator(text)) fault += ", behind one of " + joined(kTimeOperators);
  throw expression.refusal(text, fault, {"YYYY-MM-DD HH:MM:SS", "RFC 3339"});
}

/// A written time stands for all instants that would be written so: "gt" begins behind the last of
/// them, "lte" ends there.
Condition time_condition(const Expression& expression) {
  Condition condition;
  condition.field = expression.field;
  condition.op = expression.op == "notequals" ? Operator::not_in_range : Operator::in_range;
  if (expression.op == "in") {
    const std::size_t comma = expression.value.find(',');
    if (comma == std::string_view::npos)
      throw expression.refusal(expression.value, "is not a range; expected in:FROM,UNTIL",
                               {"in:FROM,UNTIL"});
    const WrittenTime last = read_time(expression, expression.value.substr(comma + 1));
    condition.from = read_time(expression, expression.value.substr(0, comma)).time;
    condition.until = last.time + last.precision;
    return condition;
  }
  const WrittenTime written = read_time(expression, expression.value);
  const Timestamp first = written.time;
  const Timestamp behind = written.time + written.precision;
  if (expression.op == "gt")
    condition.from = behind;
  else if (expression.op == "lt")
    condition.until = first;
  else {
    if (expression.op != "lte") condition.from = first;
    if (expression.op != "gte") condition.until = behind;
  }
  return condition;
}

}  // namespace

std::string_view field_name(Field field) {
  switch (field) {
    case Field::id:
      return "id";
    case Field::name:
      return "name";
    case Field::scope:
      return "scope";
    case Field::workspace_id:
      return "workspace_id";
    case Field::user_id:
      return "user_id";
    case Field::created:
      return "created";
    case Field::updated:
      return "updated";
    case Field::revision:
      return "revision";
  }
  return {};
}

Condition parse_condition(Field field, std::string_view text) {
  const Expression expression = split(field, text);
  if (text.size() > kMaxExpressionBytes)
    throw expression.refusal(
        text, "is too long; expected at most " + std::to_string(kMaxExpressionBytes) + " bytes");
  check_operator(expression);
  return is_time(field) ? time_condition(expression) : text_condition(expression);
}

}  // namespace kist::core
