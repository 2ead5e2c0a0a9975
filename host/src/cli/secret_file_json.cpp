// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parser.hpp>

#include "cli/json_output.hpp"
#include "cli/secret_file.hpp"
#include "memory/secret_storage.hpp"
#include "text/base64.hpp"
#include "text/json_secrets.hpp"
#include "text/printable.hpp"

namespace kist::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kDepthMax = 8;

json::object object_of(const FiledSecret& secret) {
  json::object object(core::secret_storage());
  object["name"] = secret.name;
  object["scope"] = to_string(secret.scope);
  json::object& values = object["values"].emplace_object();
  for (const SecretValues::Entry entry : secret.values)
    core::set_bytes(values[entry.key], entry.value.reveal());
  return object;
}

class JsonFileReader {
 public:
  explicit JsonFileReader(const std::string& file) : file_(file) {}

  std::vector<FiledSecret> read(const json::value& root) {
    const json::value* const list =
        root.is_object() ? root.get_object().if_contains("secrets") : nullptr;
    if (list == nullptr || !list->is_array() || root.get_object().size() != 1)
      refuse("expected {\"secrets\": […]} and no more");
    std::vector<FiledSecret> secrets;
    for (const json::value& item : list->get_array()) {
      ++number_;
      secrets.push_back(secret_of(item));
    }
    return secrets;
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    const std::string place = number_ == 0 ? "" : "secret " + std::to_string(number_) + ": ";
    throw Error(ErrorCode::invalid_argument, core::printable(file_) + ": " + place + why);
  }

  FiledSecret secret_of(const json::value& item) const {
    if (!item.is_object()) refuse("expected an object");
    FiledSecret secret;
    bool named = false;
    for (const auto& [key, value] : item.get_object()) {
      if (key == "name") {
        secret.name = text_of(value, "name");
        named = true;
      } else if (key == "scope") {
        const auto scope = scope_named(text_of(value, "scope"));
        if (!scope) refuse("'scope' has to be \"workspace\" or \"user\"");
        secret.scope = *scope;
      } else if (key == "values") {
        add_values(value, secret.values);
      } else {
        refuse("there is no field " + core::in_quotes(key) + "; expected name, scope and values");
      }
    }
    if (!named) refuse("there is no 'name'");
    return secret;
  }

  void add_values(const json::value& place, SecretValues& values) const {
    if (!place.is_object()) refuse("'values' has to be an object");
    for (const auto& [key, value] : place.get_object()) {
      if (!value.is_object()) {
        values.set(key, text_of(value, key));
        continue;
      }
      const json::value* const text = value.get_object().if_contains("base64");
      const auto bytes = text == nullptr || value.get_object().size() != 1
                             ? std::nullopt
                             : core::read_base64(text_of(*text, key));
      if (!bytes)
        refuse("key " + core::in_quotes(key) + " has to be a text or {\"base64\": \"…\"}");
      values.set(key, {bytes->data(), bytes->size()});
    }
  }

  std::string_view text_of(const json::value& value, std::string_view what) const {
    if (const json::string* const text = value.if_string()) return {text->data(), text->size()};
    refuse(core::in_quotes(what) + " has to be a text");
  }

  const std::string& file_;
  std::size_t number_ = 0;  // Of the secret that is read.
};

}  // namespace

detail::SecretBuffer write_json_file(std::span<const FiledSecret> secrets) {
  detail::SecretBuffer text;
  text.append("{\"secrets\": [");
  std::string_view before = "\n";
  for (const FiledSecret& secret : secrets) {
    text.append(std::exchange(before, ",\n"));
    const SecretValue line = json_secret_line(object_of(secret));
    text.append(line.reveal().substr(0, line.size() - 1));
  }
  text.append("\n]}\n");
  return text;
}

std::vector<FiledSecret> read_json_file(std::string_view text, const std::string& file) {
  json::parse_options options;
  options.max_depth = kDepthMax;
  json::parser parser(core::secret_storage(), options);
  parser.reset(core::secret_storage());
  json::error_code error;
  parser.write({text.data(), text.size()}, error);
  if (error)
    throw Error(ErrorCode::invalid_argument,
                core::printable(file) + ": this is no JSON: " + error.message());
  return JsonFileReader(file).read(parser.release());
}

}  // namespace kist::cli
