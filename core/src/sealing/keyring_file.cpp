// SPDX-License-Identifier: Apache-2.0
#include "sealing/keyring_file.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <string_view>

#include <kist/error.hpp>

#include "config/private_file.hpp"
#include "sealing/keyring.hpp"
#include "sealing/local_key.hpp"
#include "text/hex.hpp"
#include "text/printable.hpp"

namespace kist::core {
namespace {

constexpr std::string_view kHead =
    "# Kist keyring. It opens the secrets of its store, and without it they are lost.\n"
    "# Keep a copy, apart from the store and its backups: together they are the secrets.\n"
    "# One key a line; the last is current, and the others open what was sealed with them.\n";

PrivateFile private_file(const std::filesystem::path& path) {
  return {path, describe_keyring_file(path), kMaxKeyringBytes};
}

/// The rules of a keyring file beside those of any keyring text.
std::vector<KeyLine> parse_file(SecretView text, const std::filesystem::path& path) {
  const std::string source = describe_keyring_file(path);
  std::vector<KeyLine> keys = parse_keyring(text, source);
  if (keys.empty())
    throw Error(ErrorCode::failed_precondition,
                source + " has no key; restore it from your backup");
  if (!keys.front().id)
    throw Error(ErrorCode::failed_precondition,
                source + " has a key without an id; write one before it, such as 'k1'");
  return keys;
}

std::string new_id(const std::vector<KeyLine>& keys,
                   const std::function<bool(std::string_view)>& is_taken) {
  std::uint64_t highest = 0;
  for (const KeyLine& key : keys) {
    std::uint64_t number = 0;
    const std::string& id = *key.id;
    const char* const end = id.data() + id.size();
    if (!id.starts_with('k')) continue;
    const auto [stop, error] = std::from_chars(id.data() + 1, end, number);
    // Past nine digits it is a date or a hash, and no number that somebody counted to.
    if (error == std::errc() && stop == end && number < 1'000'000'000)
      highest = std::max(highest, number);
  }
  std::string id;
  do id = "k" + std::to_string(++highest);
  while (is_taken && is_taken(id));
  return id;
}

std::string now_as_text() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  struct tm parts {};
  char text[32];
  if (::gmtime_r(&now, &parts) == nullptr) return {};
  return {text, std::strftime(text, sizeof text, " %Y-%m-%dT%H:%M:%SZ", &parts)};
}

/// `before`, and a line with a new key.
SecretValue with_new_key(std::string_view before, std::string_view id) {
  const SecretValue key = new_key();
  const std::string start =
      (before.empty() || before.ends_with('\n') ? "" : "\n") + std::string(id) + " ";
  const std::string end = now_as_text() + "\n";
  const std::size_t size = before.size() + start.size() + kKeyringKeyDigits + end.size();
  return SecretValue::written(size, [&](char* memory) {
    memory += before.copy(memory, before.size());
    memory += start.copy(memory, start.size());
    write_hex(key.reveal(), memory);
    end.copy(memory + kKeyringKeyDigits, end.size());
  });
}

}  // namespace

std::string describe_keyring_file(const std::filesystem::path& path) {
  return "keyring file " + in_quotes(path.native(), 4096);
}

std::optional<std::vector<KeyLine>> read_keyring_file(const std::filesystem::path& path) {
  const std::optional<SecretValue> text = read_private_file(private_file(path));
  if (!text) return std::nullopt;
  return parse_file(text->view(), path);
}

void create_keyring_file(const std::filesystem::path& path, std::string_view id) {
  const SecretValue text = with_new_key(kHead, id);
  if (!create_private_file(private_file(path), text.view()))
    throw Error(ErrorCode::already_exists, describe_keyring_file(path) + " is there already");
}

std::string add_key(const std::filesystem::path& path,
                    const std::function<bool(std::string_view)>& is_taken) {
  std::string id;
  change_private_file(private_file(path), [&](const SecretValue& text) {
    id = new_id(parse_file(text.view(), path), is_taken);
    return with_new_key(text.reveal(), id);
  });
  return id;
}

}  // namespace kist::core
