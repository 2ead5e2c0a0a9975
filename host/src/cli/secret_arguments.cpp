// SPDX-License-Identifier: Apache-2.0
#include "cli/secret_arguments.hpp"

#include <charconv>
#include <vector>

#include "secrets/invalid_parameter.hpp"
#include "text/printable.hpp"

namespace kist::cli {
namespace {

struct Parameter {
  std::string_view option, name;
};

// The words of the command line, and those of a query string.
constexpr Parameter kListParameters[] = {
    {"name", "name"},       {"id", "id"},           {"scope", "scope"},
    {"created", "created"}, {"updated", "updated"}, {"sort", "sort_by"},
    {"page", "page"},       {"size", "size"},       {"cursor", "cursor"},
};

/// The same error in the words of the command line.
core::InvalidParameter with_option_name(const core::InvalidParameter& error) {
  std::string message(error.message());
  for (const Parameter& parameter : kListParameters) {
    const std::string start = "parameter '" + std::string(parameter.name) + "': ";
    if (message.starts_with(start))
      message.replace(0, start.size(), "--" + std::string(parameter.option) + ": ");
  }
  return {message, error.field};
}

}  // namespace

std::optional<Scope> scope_argument(const Arguments& arguments) {
  const auto text = arguments.one("scope");
  if (!text) return std::nullopt;
  for (const Scope scope : {Scope::workspace, Scope::user}) {
    if (*text == to_string(scope)) return scope;
  }
  throw UsageError("--scope is " + core::in_quotes(*text, 64) + "; expected 'workspace' or 'user'");
}

std::optional<std::uint64_t> revision_argument(const Arguments& arguments) {
  const auto text = arguments.one("if-revision");
  if (!text) return std::nullopt;
  std::uint64_t revision = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), revision);
  if (error != std::errc{} || end != text->data() + text->size() || revision == 0)
    throw UsageError("--if-revision is " + core::in_quotes(*text, 64) +
                     "; expected a whole number from 1");
  return revision;
}

std::optional<Uuid> id_argument(const Arguments& arguments) {
  const auto text = arguments.one("id");
  if (!text) return std::nullopt;
  const auto id = Uuid::parse(*text);
  if (!id) throw UsageError("--id is " + core::in_quotes(*text, 64) + "; expected a UUID");
  return id;
}

std::vector<core::ListParameter> list_parameters(const Arguments& arguments) {
  std::vector<core::ListParameter> parameters;
  for (const Parameter& parameter : kListParameters) {
    for (const std::string& value : arguments.all(parameter.option))
      parameters.push_back({std::string(parameter.name), value});
  }
  if (arguments.has("or")) parameters.push_back({"logical_operator", "or"});
  try {
    core::parse_list_request(parameters);
    return parameters;
  } catch (const core::InvalidParameter& error) {
    throw with_option_name(error);
  }
}

}  // namespace kist::cli
