// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "cli/child_environment.hpp"
#include "cli/env_file.hpp"
#include "cli/secret_file.hpp"
#include "text/printable.hpp"

namespace kist::cli {
namespace {

/// Begins a secret; a shell takes it for a comment.
constexpr std::string_view kHead = "# kist: ";

std::string head_of(const FiledSecret& secret) {
  return std::string(kHead) +
         boost::json::serialize(
             boost::json::object{{"name", secret.name}, {"scope", to_string(secret.scope)}}) +
         "\n";
}

/// Nothing: it is some other comment.
std::optional<FiledSecret> secret_of(std::string_view line) {
  if (!line.starts_with(kHead)) return std::nullopt;
  line.remove_prefix(kHead.size());
  boost::json::error_code error;
  const boost::json::value head = boost::json::parse({line.data(), line.size()}, error);
  const boost::json::object* const object = error ? nullptr : head.if_object();
  if (object == nullptr) return std::nullopt;
  const boost::json::value* const name = object->if_contains("name");
  const boost::json::value* const scope = object->if_contains("scope");
  if (name == nullptr || !name->is_string() || scope == nullptr || !scope->is_string())
    return std::nullopt;
  const auto known = scope_named(scope->get_string());
  if (!known) return std::nullopt;
  FiledSecret secret;
  secret.name = std::string(name->get_string().data(), name->get_string().size());
  secret.scope = *known;
  return secret;
}

/// Between single quotes, where a shell changes nothing.
void append_quoted(detail::SecretBuffer& text, std::string_view value) {
  text.append("'");
  while (!value.empty()) {
    const std::size_t end = std::min(value.find('\''), value.size());
    text.append(value.substr(0, end));
    if (end < value.size()) text.append("'\\''");
    value.remove_prefix(std::min(end + 1, value.size()));
  }
  text.append("'");
}

[[noreturn]] void refuse(std::string_view key, const FiledSecret& secret, const std::string& why) {
  throw Error(ErrorCode::invalid_argument, "key " + core::in_quotes(key) + " of " + secret.named() +
                                               " cannot stand in a dotenv file: " + why +
                                               "; json and yaml can hold it");
}

void check(const SecretValues::Entry& entry, const FiledSecret& secret) {
  if (!is_variable_name(entry.key))
    refuse(entry.key, secret,
           "a shell's name is letters, digits and '_', with no digit at the start");
  const std::string_view value = entry.value.reveal();
  if (!core::is_utf8(value)) refuse(entry.key, secret, "its value is no UTF-8");
  if (value.find('\0') != std::string_view::npos)
    refuse(entry.key, secret, "its value holds a NUL byte");
}

}  // namespace

detail::SecretBuffer write_dotenv(std::span<const FiledSecret> secrets) {
  detail::SecretBuffer text;
  std::map<std::string, const FiledSecret*, std::less<>> keys;
  for (const FiledSecret& secret : secrets) {
    text.append(head_of(secret));
    for (const SecretValues::Entry entry : secret.values) {
      check(entry, secret);
      const auto [known, is_new] = keys.emplace(std::string(entry.key), &secret);
      if (!is_new)
        throw Error(ErrorCode::invalid_argument,
                    "key " + core::in_quotes(entry.key) + " is one of " + known->second->named() +
                        " and of " + secret.named() +
                        ", and whoever reads a dotenv file gets one of them; export them to files "
                        "of their own, or as json or yaml");
      text.append(entry.key);
      text.append("=");
      append_quoted(text, entry.value.reveal());
      text.append("\n");
    }
  }
  return text;
}

std::vector<FiledSecret> read_dotenv(std::string_view text, const std::string& file) {
  std::vector<FiledSecret> secrets;
  read_env_file(
      text, file,
      [&](std::string_view key, const SecretValue& value) {
        if (secrets.empty())
          throw Error(
              ErrorCode::invalid_argument,
              core::printable(file) +
                  ": the first value stands before any '# kist: {…}' that says which secret "
                  "it is of; use kist secret create NAME --from-env-file");
        if (secrets.back().values.find(key))
          throw Error(ErrorCode::invalid_argument, core::printable(file) + ": key " +
                                                       core::in_quotes(key) + " of " +
                                                       secrets.back().named() + " stands twice");
        secrets.back().values.set(key, value.reveal());
      },
      [&](std::string_view line) {
        if (auto secret = secret_of(line)) secrets.push_back(std::move(*secret));
      });
  return secrets;
}

}  // namespace kist::cli
