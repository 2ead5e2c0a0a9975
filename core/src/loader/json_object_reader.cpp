// SPDX-License-Identifier: Apache-2.0
#include "loader/json_object_reader.hpp"

#include <algorithm>

#include <boost/json/serialize.hpp>

#include <kist/error.hpp>

namespace kist::core {
namespace {

namespace json = boost::json;

std::string_view view(json::string_view text) { return {text.data(), text.size()}; }

// What was found, in a few words; `value` may be as large as a manifest.
std::string described(const json::value& value) {
  constexpr std::size_t kMaxShown = 64;
  if (value.is_object()) return "an object";
  if (value.is_array()) return "a list of " + std::to_string(value.get_array().size());
  std::string text =
      value.is_string() ? std::string(view(value.get_string())) : json::serialize(value);
  if (text.size() > kMaxShown) return "a text of " + std::to_string(text.size()) + " bytes";
  return value.is_string() ? "'" + text + "'" : text;
}

}  // namespace

bool TextForm::fits(std::string_view text) const {
  return text.size() >= min_bytes && text.size() <= max_bytes &&
         (letters.empty() || text.find_first_not_of(letters) == std::string_view::npos);
}

void refuse_member(std::string_view place, const json::value* value, std::string_view expected) {
  throw Error(ErrorCode::invalid_argument,
              "manifest: " + (place.empty() ? "the document" : "'" + std::string(place) + "'") +
                  " is " + (value ? described(*value) : "missing") + ", expected " +
                  std::string(expected));
}

JsonObjectReader::JsonObjectReader(const json::value& value, std::string place)
    : object_(value.if_object()), place_(std::move(place)) {
  if (!object_) refuse_member(place_, &value, "an object");
}

const json::value* JsonObjectReader::find(std::string_view name) {
  if (std::ranges::find(asked_, name) == asked_.end()) asked_.push_back(name);
  return object_->if_contains(name);
}

const json::value& JsonObjectReader::require(std::string_view name, std::string_view expected) {
  const json::value* value = find(name);
  if (!value) refuse(name, expected);
  return *value;
}

std::string JsonObjectReader::text(std::string_view name, const TextForm& form) {
  const json::value& value = require(name, form.description);
  if (!value.is_string() || !form.fits(view(value.get_string()))) refuse(name, form.description);
  return std::string(view(value.get_string()));
}

std::string JsonObjectReader::optional_text(std::string_view name, const TextForm& form) {
  return find(name) ? text(name, form) : std::string();
}

std::uint64_t JsonObjectReader::number(std::string_view name, std::uint64_t min,
                                       std::uint64_t max) {
  const std::string expected =
      min == max ? std::to_string(min)
                 : "a whole number from " + std::to_string(min) + " to " + std::to_string(max);
  const json::value& value = require(name, expected);
  json::error_code error;
  const auto number = value.to_number<std::uint64_t>(error);
  if (error || value.is_double() || number < min || number > max) refuse(name, expected);
  return number;
}

std::optional<std::int64_t> JsonObjectReader::optional_integer(std::string_view name) {
  const json::value* value = find(name);
  if (!value) return std::nullopt;
  if (!value->is_int64()) refuse(name, "a whole number of 64 bits");
  return value->get_int64();
}

bool JsonObjectReader::optional_flag(std::string_view name) {
  const json::value* value = find(name);
  if (value && !value->is_bool()) refuse(name, "true or false");
  return value && value->get_bool();
}

const json::array& JsonObjectReader::list(std::string_view name, std::size_t min, std::size_t max) {
  static const json::array empty;
  const json::value* value = find(name);
  if (!value && min == 0) return empty;
  if (!value || !value->is_array() || value->get_array().size() < min ||
      value->get_array().size() > max)
    refuse(name, "a list of " + std::to_string(min) + " to " + std::to_string(max));
  return value->get_array();
}

std::string JsonObjectReader::place_of(std::string_view name) const {
  return place_.empty() ? std::string(name) : place_ + "." + std::string(name);
}

void JsonObjectReader::refuse(std::string_view name, std::string_view expected) const {
  refuse_member(place_of(name), object_->if_contains(name), expected);
}

void JsonObjectReader::finish() const {
  for (const json::key_value_pair& member : *object_) {
    const std::string_view name = view(member.key());
    if (name.starts_with("x-") || std::ranges::find(asked_, name) != asked_.end()) continue;
    std::string known;
    for (const std::string_view asked : asked_) known += std::string(asked) + ", ";
    throw Error(ErrorCode::invalid_argument, "manifest: '" + place_of(name) +
                                                 "' is not known, expected one of " + known +
                                                 "or a name that starts with 'x-'");
  }
}

}  // namespace kist::core
