// SPDX-License-Identifier: Apache-2.0
#include "config/section_reader.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <kist/error.hpp>

#include "config/plain_text.hpp"
#include "secrets/time_text.hpp"
#include "text/printable.hpp"
#include "text/suggestion.hpp"

namespace kist::core {
namespace {

// Times that RFC 3339 can write. One before 1970 is somebody's zero.
constexpr Timestamp kFirstTime{};
constexpr Timestamp kLastTime =
    std::chrono::sys_days(std::chrono::year(10'000) / 1 / 1) - std::chrono::microseconds(1);

/// For a message: the text in quotes, unless it came in by reference.
std::string found(const ConfiguredText& value) {
  return value.origin.interpolated() ? "what " + value.origin.references + " gives"
                                     : in_quotes(value.text.reveal());
}

ConfiguredText read_plain(ReadContext& context, const JsonNode& node, const std::string& path) {
  ConfiguredText value = context.text(node, path);
  if (value.text.empty()) context.refuse(node.position, in_quotes(path) + " must not be empty");
  if (!is_plain_text(value.text.reveal())) {
    context.refuse(node.position, in_quotes(path) + " must be UTF-8 without control characters");
  }
  context.note(path, value.text.reveal(), value.origin);
  return value;
}

ConfiguredText read_one_of(ReadContext& context, const JsonNode& node, const std::string& path,
                           std::span<const std::string_view> words) {
  ConfiguredText value = read_plain(context, node, path);
  const std::string_view text = value.text.reveal();
  if (std::find(words.begin(), words.end(), text) == words.end()) {
    const std::string hint =
        value.origin.interpolated() ? ". Allowed: " + joined(words) : allowed_words(text, words);
    context.refuse(node.position,
                   "unknown word " + found(value) + " for " + in_quotes(path) + hint);
  }
  return value;
}

}  // namespace

void ReadContext::refuse(SourcePosition position, const std::string& message) const {
  throw Error(ErrorCode::invalid_argument, document.at(position) + ": " + message);
}

void ReadContext::expect(const JsonNode& node, JsonKind kind, const std::string& path) const {
  if (node.kind == kind) return;
  const std::string subject = path.empty() ? "the configuration" : in_quotes(path);
  refuse(node.position, subject + " must be " + std::string(describe(kind)) + ", found " +
                            std::string(describe(node.kind)));
}

ConfiguredText ReadContext::text(const JsonNode& node, const std::string& path) const {
  expect(node, JsonKind::string, path);
  ConfiguredText value{{}, {Origin::Source::file, document.at(node.position), {}}};
  try {
    InterpolatedText interpolated = interpolate(node.text.reveal(), sources);
    value.text = std::move(interpolated.text);
    value.origin.references = std::move(interpolated.references);
  } catch (const Error& error) {
    refuse(node.position, in_quotes(path) + ": " + std::string(error.message()));
  }
  if (value.text.reveal().find('\0') != std::string_view::npos) {
    refuse(node.position, in_quotes(path) + " must not hold a NUL character");
  }
  return value;
}

void ReadContext::note(const std::string& path, std::string_view text, const Origin& origin) {
  settings.push_back(
      {path, std::string(origin.interpolated() ? kSecretShown : text), origin.describe()});
}

std::string read_plain_text(ReadContext& context, const JsonNode& node, const std::string& path) {
  return std::string(read_plain(context, node, path).text.reveal());
}

std::string read_word(ReadContext& context, const JsonNode& node, const std::string& path,
                      std::span<const std::string_view> words) {
  return std::string(read_one_of(context, node, path, words).text.reveal());
}

SectionReader::SectionReader(ReadContext& context, const JsonNode& node, std::string path,
                             std::span<const std::string_view> keys)
    : context_(context), node_(node), path_(std::move(path)) {
  context.expect(node, JsonKind::object, path_);
  for (const JsonMember& member : node.members) {
    if (std::find(keys.begin(), keys.end(), member.key) != keys.end()) continue;
    context.refuse(member.position, "unknown key " + in_quotes(member.key) +
                                        (path_.empty() ? "" : " in " + in_quotes(path_)) +
                                        allowed_words(member.key, keys));
  }
}

const JsonNode* SectionReader::find(std::string_view key) const {
  const JsonMember* const member = node_.member(key);
  return member == nullptr ? nullptr : &member->value;
}

std::string SectionReader::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

void SectionReader::refuse(std::string_view key, const std::string& message) const {
  const JsonNode* const node = find(key);
  context_.refuse(node == nullptr ? node_.position : node->position, message);
}

std::optional<std::string> SectionReader::text(std::string_view key) {
  const JsonNode* const node = find(key);
  if (node == nullptr) return std::nullopt;
  return read_plain_text(context_, *node, path_of(key));
}

std::string SectionReader::required_text(std::string_view key) {
  if (!has(key)) refuse(key, in_quotes(path_) + " needs the key '" + std::string(key) + "'");
  return *text(key);
}

std::optional<SecretValue> SectionReader::secret(std::string_view key) { return hidden(key, true); }

std::optional<SecretValue> SectionReader::hash_of_secret(std::string_view key) {
  return hidden(key, false);
}

std::optional<SecretValue> SectionReader::hidden(std::string_view key, bool is_secret) {
  const JsonNode* const node = find(key);
  if (node == nullptr) return std::nullopt;
  ConfiguredText value = context_.text(*node, path_of(key));
  if (value.text.empty()) refuse(key, in_quotes(path_of(key)) + " must not be empty");
  context_.note(path_of(key), kSecretShown, value.origin);
  context_.settings.back().is_plain_secret = is_secret && !value.origin.interpolated();
  return std::move(value.text);
}

std::string SectionReader::word(std::string_view key, std::span<const std::string_view> words) {
  if (const JsonNode* const node = find(key))
    return read_word(context_, *node, path_of(key), words);
  context_.note(path_of(key), words.front(), {});
  return std::string(words.front());
}

std::optional<bool> SectionReader::boolean(std::string_view key) {
  const JsonNode* const node = find(key);
  if (node == nullptr) return std::nullopt;
  const std::string path = path_of(key);
  context_.expect(*node, JsonKind::boolean, path);
  context_.note(path, node->boolean ? "true" : "false",
                {Origin::Source::file, context_.document.at(node->position), {}});
  return node->boolean;
}

std::optional<std::int64_t> SectionReader::integer(std::string_view key, std::int64_t min,
                                                   std::int64_t max) {
  const JsonNode* const node = find(key);
  if (node == nullptr) return std::nullopt;
  const std::string path = path_of(key);
  context_.expect(*node, JsonKind::integer, path);
  if (node->integer < min || node->integer > max) {
    refuse(key, in_quotes(path) + " must be from " + std::to_string(min) + " to " +
                    std::to_string(max) + ", found " + std::to_string(node->integer));
  }
  const std::string text = std::to_string(node->integer);
  context_.note(path, text, {Origin::Source::file, context_.document.at(node->position), {}});
  return node->integer;
}

bool SectionReader::boolean_or(std::string_view key, bool otherwise) {
  if (const auto value = boolean(key)) return *value;
  context_.note(path_of(key), otherwise ? "true" : "false", {});
  return otherwise;
}

std::int64_t SectionReader::integer_or(std::string_view key, std::int64_t min, std::int64_t max,
                                       std::int64_t otherwise) {
  if (const auto value = integer(key, min, max)) return *value;
  context_.note(path_of(key), std::to_string(otherwise), {});
  return otherwise;
}

std::optional<Uuid> SectionReader::uuid(std::string_view key) {
  const JsonNode* const node = find(key);
  if (node == nullptr) return std::nullopt;
  const ConfiguredText value = read_plain(context_, *node, path_of(key));
  const std::optional<Uuid> uuid = Uuid::parse(value.text.reveal());
  if (!uuid) {
    refuse(key, in_quotes(path_of(key)) + " must be a UUID of 32 hexadecimal digits, found " +
                    found(value));
  }
  return uuid;
}

std::optional<Timestamp> SectionReader::time(std::string_view key) {
  const JsonNode* const node = find(key);
  if (node == nullptr) return std::nullopt;
  const ConfiguredText value = read_plain(context_, *node, path_of(key));
  const std::optional<WrittenTime> written = parse_time(value.text.reveal());
  if (!written || written->time < kFirstTime || written->time > kLastTime) {
    refuse(key, in_quotes(path_of(key)) + " must be a time from 1970 to 9999 such as '" +
                    "2027-01-31T12:00:00Z', found " + found(value));
  }
  return written->time;
}

std::optional<std::filesystem::path> SectionReader::path(std::string_view key) {
  const std::optional<std::string> name = text(key);
  if (!name) return std::nullopt;
  return (context_.sources.directory / *name).lexically_normal();
}

void SectionReader::each(std::string_view key,
                         const std::function<void(const JsonNode&, const std::string&)>& read) {
  const JsonNode* const node = find(key);
  if (node == nullptr) return;
  context_.expect(*node, JsonKind::array, path_of(key));
  for (std::size_t i = 0; i < node->elements.size(); ++i) {
    read(node->elements[i], path_of(key) + "[" + std::to_string(i) + "]");
  }
}

void SectionReader::each_member(
    std::string_view key, const std::function<void(const JsonMember&, const std::string&)>& read) {
  const JsonNode* const node = find(key);
  if (node == nullptr) return;
  context_.expect(*node, JsonKind::object, path_of(key));
  for (const JsonMember& member : node->members) {
    if (member.key.empty() || !is_plain_text(member.key)) {
      context_.refuse(member.position,
                      "a key of " + in_quotes(path_of(key)) +
                          " must not be empty, and be UTF-8 without control characters");
    }
    read(member, path_of(key) + "." + member.key);
  }
}

}  // namespace kist::core
