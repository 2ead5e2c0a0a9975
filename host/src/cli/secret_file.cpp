// SPDX-License-Identifier: Apache-2.0
#include "cli/secret_file.hpp"

#include <set>
#include <utility>

#include "secrets/validation.hpp"
#include "text/printable.hpp"

namespace kist::cli {
namespace {

constexpr FileFormat kFormats[] = {{"dotenv", write_dotenv, read_dotenv},
                                   {"json", write_json_file, read_json_file},
                                   {"yaml", write_yaml, read_yaml}};

}  // namespace

std::string FiledSecret::named() const {
  return "secret " + core::in_quotes(name) + " (" + std::string(to_string(scope)) + " scope)";
}

std::span<const FileFormat> file_formats() { return kFormats; }

void check_filed(const std::vector<FiledSecret>& secrets, const std::string& file) {
  std::set<std::pair<std::string_view, Scope>> seen;
  for (const FiledSecret& secret : secrets) {
    try {
      const core::ValidatedName checked(secret.name);
      for (const SecretValues::Entry entry : secret.values) core::check_key(entry.key);
      core::check_size(secret.values.size(), secret.values.byte_count(),
                       {.max_secret_bytes = core::kMaxSecretBytes});
    } catch (const Error& error) {
      throw Error(error.code, core::printable(file) + ": " + secret.named() + ": " +
                                  std::string(error.message()));
    }
    if (!seen.emplace(secret.name, secret.scope).second)
      throw Error(ErrorCode::invalid_argument,
                  core::printable(file) + ": " + secret.named() + " stands twice");
  }
}

std::optional<Scope> scope_named(std::string_view text) {
  for (const Scope scope : {Scope::workspace, Scope::user}) {
    if (text == to_string(scope)) return scope;
  }
  return std::nullopt;
}

}  // namespace kist::cli
