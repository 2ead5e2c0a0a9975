// SPDX-License-Identifier: Apache-2.0
#include "openapi_check.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>

#include <kist/uuid.hpp>

#include "api/openapi.hpp"
#include "secrets/time_text.hpp"

namespace kist::api::testing {
namespace {

namespace json = boost::json;

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::size_t slash = path.find('/');
    segments.push_back(path.substr(0, slash));
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash);
  }
  return segments;
}

/// The key of a method; one of lower case is none that HTTP has.
std::string key_of(std::string_view method) {
  std::string key;
  for (const char c : method) key += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : '?';
  return key;
}

bool is_of_type(const json::value& value, std::string_view type) {
  if (type == "null") return value.is_null();
  if (type == "boolean") return value.is_bool();
  if (type == "integer") return value.is_int64() || value.is_uint64();
  if (type == "string") return value.is_string();
  if (type == "array") return value.is_array();
  return type == "object" && value.is_object();
}

bool fits_type(const json::value& value, const json::value& type) {
  if (type.is_string()) return is_of_type(value, type.get_string());
  return std::any_of(type.as_array().begin(), type.as_array().end(),
                     [&](const json::value& one) { return is_of_type(value, one.as_string()); });
}

bool fits_format(std::string_view text, std::string_view format) {
  if (format == "uuid") return text.size() == 36 && Uuid::parse(text);
  return format == "date-time" && text.find('T') == 10 && core::parse_time(text);
}

bool is_among(const json::value& value, const json::array& values) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

constexpr std::string_view kKnownKeywords[] = {
    "$ref",     "type",     "description", "properties", "required", "additionalProperties",
    "items",    "enum",     "const",       "format",     "minimum",  "maximum",
    "minItems", "maxItems", "minLength",   "maxLength",  "anyOf",    "contentEncoding",
    "default"};

}  // namespace

const json::value& OpenApiCheck::resolved(const json::value& node) const {
  const auto* const reference = node.is_object() ? node.get_object().if_contains("$ref") : nullptr;
  if (reference == nullptr) return node;
  std::string_view pointer = reference->as_string();
  pointer.remove_prefix(1);  // '#'.
  boost::system::error_code failure;
  const json::value* const found =
      document_.find_pointer(json::string_view(pointer.data(), pointer.size()), failure);
  REQUIRE_MESSAGE(found != nullptr, pointer);
  return *found;
}

std::string OpenApiCheck::fault(const json::value& value, const json::value& node,
                                const std::string& where) const {
  const json::object& schema = resolved(node).as_object();
  for (const auto& member : schema) {
    const std::string_view keyword = member.key();
    if (std::find(std::begin(kKnownKeywords), std::end(kKnownKeywords), keyword) ==
        std::end(kKnownKeywords))
      return where + ": keyword " + std::string(keyword);
  }
  const auto keyword = [&](std::string_view name) { return schema.if_contains(name); };
  const auto is_wrong = [&](std::string_view name) {
    return where + ": " + json::serialize(value) + " is not " + std::string(name) + " " +
           json::serialize(schema.at(name));
  };
  if (const auto* const type = keyword("type"); type && !fits_type(value, *type))
    return is_wrong("type");
  if (const auto* const words = keyword("enum"); words && !is_among(value, words->as_array()))
    return is_wrong("enum");
  if (const auto* const only = keyword("const"); only && *only != value) return is_wrong("const");
  if (const auto* const any = keyword("anyOf")) {
    const json::array& kinds = any->as_array();
    if (std::none_of(kinds.begin(), kinds.end(),
                     [&](const json::value& kind) { return fault(value, kind, where).empty(); }))
      return is_wrong("anyOf");
    return "";
  }
  if (value.is_string() && keyword("format") &&
      !fits_format(value.get_string(), keyword("format")->as_string()))
    return is_wrong("format");
  if (value.is_int64() && keyword("minimum") && value.get_int64() < keyword("minimum")->as_int64())
    return is_wrong("minimum");
  if (value.is_array()) {
    const json::array& items = value.get_array();
    if (keyword("maxItems") && items.size() > keyword("maxItems")->to_number<std::size_t>())
      return is_wrong("maxItems");
    if (keyword("minItems") && items.size() < keyword("minItems")->to_number<std::size_t>())
      return is_wrong("minItems");
    for (std::size_t i = 0; i < items.size() && keyword("items"); ++i) {
      const std::string found = fault(items[i], *keyword("items"), where + "." + std::to_string(i));
      if (!found.empty()) return found;
    }
  }
  if (!value.is_object()) return "";
  if (const auto* const names = keyword("required")) {
    for (const json::value& name : names->as_array()) {
      if (!value.get_object().contains(name.as_string()))
        return where + ": no " + std::string(name.as_string());
    }
  }
  for (const auto& member : value.get_object()) {
    const std::string inner = where + "." + std::string(member.key());
    const auto* const properties = keyword("properties");
    const auto* property =
        properties != nullptr ? properties->as_object().if_contains(member.key()) : nullptr;
    if (property == nullptr) property = keyword("additionalProperties");
    if (property == nullptr || *property == json::value(false)) return inner + " is not declared";
    if (property->is_bool()) continue;
    const std::string found = fault(member.value(), *property, inner);
    if (!found.empty()) return found;
  }
  return "";
}

std::string OpenApiCheck::fault_of(const json::value& value, std::string_view schema_name) const {
  return fault(value, document_.at("components").at("schemas").at(schema_name),
               std::string(schema_name));
}

std::string OpenApiCheck::template_of(std::string_view path) const {
  const auto segments = split(path);
  for (const auto& member : document_.at("paths").as_object()) {
    const auto pattern = split(member.key());
    if (std::equal(segments.begin(), segments.end(), pattern.begin(), pattern.end(),
                   [](std::string_view segment, std::string_view wanted) {
                     return wanted.starts_with('{') || segment == wanted;
                   }))
      return std::string(member.key());
  }
  return "";
}

std::string OpenApiCheck::fault_of_reply(std::string_view method, std::string_view path, int status,
                                         std::string_view content_type,
                                         std::string_view body) const {
  const std::string pattern = template_of(path);
  const auto* operation =
      pattern.empty() ? nullptr
                      : document_.at("paths").at(pattern).as_object().if_contains(key_of(method));
  if (operation == nullptr) {
    // What has no operation is answered with an error, and every error has one shape.
    if (status == 200) return "an operation that is not declared";
    if (method == "HEAD" || body.empty()) return "";
    return fault_of(json::parse(json::string_view(body.data(), body.size())), "Error");
  }
  const auto* const declared =
      operation->at("responses").as_object().if_contains(std::to_string(status));
  if (declared == nullptr) return "status " + std::to_string(status) + " is not declared";
  const json::value& response = resolved(*declared);
  const auto* const content = response.as_object().if_contains("content");
  if (content == nullptr || method == "HEAD") return "";
  const std::string type(content_type.substr(0, content_type.find(';')));
  const auto* const media = content->as_object().if_contains(type);
  if (media == nullptr) return "content type " + type + " is not declared";
  if (type != "application/json") return "";
  return fault(json::parse(json::string_view(body.data(), body.size())), media->at("schema"),
               "body");
}

std::set<std::string>& checked_replies() {
  static std::set<std::string> seen;
  return seen;
}

void check_reply(std::string_view method, std::string_view path, int status,
                 std::string_view content_type, std::string_view body) {
  static const OpenApiCheck check(json::parse(openapi_document()));
  CAPTURE(method);
  CAPTURE(path);
  CAPTURE(status);
  CAPTURE(body);
  CHECK(check.fault_of_reply(method, path, status, content_type, body) == "");
  checked_replies().insert(std::string(method) + " " + check.template_of(path) + " " +
                           std::to_string(status));
}

}  // namespace kist::api::testing
