// SPDX-License-Identifier: Apache-2.0
#include "cli/secret_file.hpp"

#include <limits>
#include <set>
#include <utility>

#include <openssl/evp.h>

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

void append_base64(detail::SecretBuffer& text, std::string_view bytes) {
  const std::size_t before = text.size(), size = (bytes.size() + 2) / 3 * 4;
  char* const place = text.extend(size + 1);  // EVP_EncodeBlock() writes a NUL behind it.
  ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(place),
                    reinterpret_cast<const unsigned char*>(bytes.data()),
                    static_cast<int>(bytes.size()));
  text.truncate(before + size);
}

std::optional<SecretValue> base64_bytes(std::string_view text) {
  constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  if (text.size() % 4 != 0 || text.size() > std::size_t{std::numeric_limits<int>::max()} ||
      text.substr(0, text.size() - padding).find_first_not_of(letters) != std::string_view::npos)
    return std::nullopt;
  detail::SecretBuffer bytes;
  ::EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.extend(text.size() / 4 * 3)),
                    reinterpret_cast<const unsigned char*>(text.data()),
                    static_cast<int>(text.size()));
  bytes.truncate(bytes.size() - padding);
  return SecretValue(std::move(bytes));
}

}  // namespace kist::cli
