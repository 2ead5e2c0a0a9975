// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <kist/models.hpp>
#include <kist/uuid.hpp>

#include "config/interpolation.hpp"
#include "config/json_document.hpp"
#include "config/origin.hpp"

namespace kist::core {

/// One row of `kist config show`: a value in force and where it comes from.
struct Setting {
  std::string path;              ///< "plugins.directories[0]".
  std::string text;              ///< "(secret)" where it is one, or may be.
  std::string origin;            ///< "kist.json:4:5", "default".
  bool is_plain_secret = false;  ///< A secret that stands in the file itself, and not by reference.
};

constexpr std::string_view kSecretShown = "(secret)";

/// What all sections of one file are read with.
struct ReadContext {
  const JsonDocument& document;
  InterpolationSources sources;
  std::vector<Setting>& settings;  ///< Each value that is read is noted here.

  /// Errors: throws invalid_argument, the message behind "kist.json:4:5: ".
  [[noreturn]] void refuse(SourcePosition position, const std::string& message) const;
  void expect(const JsonNode& node, JsonKind kind, const std::string& path) const;
  /// A string with its references resolved. It may be empty, and holds no NUL.
  ConfiguredText text(const JsonNode& node, const std::string& path) const;
  void note(const std::string& path, std::string_view text, const Origin& origin);
};

/// Reads one object of the configuration. Its keys are checked when it is made: an unknown one is
/// refused with a suggestion. All readers take the key of a member, give nothing if it is absent,
/// and refuse one of the wrong kind by naming what was found and what was expected.
class SectionReader {
 public:
  /// `path` is empty for the whole file.
  SectionReader(ReadContext& context, const JsonNode& node, std::string path,
                std::span<const std::string_view> keys);

  bool has(std::string_view key) const { return node_.member(key) != nullptr; }
  const JsonNode* find(std::string_view key) const;
  std::string path_of(std::string_view key) const;
  [[noreturn]] void refuse(std::string_view key, const std::string& message) const;

  /// Not empty, without control characters: for names, addresses, words.
  std::optional<std::string> text(std::string_view key);
  std::string required_text(std::string_view key);
  std::optional<SecretValue> secret(std::string_view key);
  /// Not shown either, but nothing is lost if somebody reads it.
  std::optional<SecretValue> hash_of_secret(std::string_view key);
  /// One of `words`; the first if the key is absent.
  std::string word(std::string_view key, std::span<const std::string_view> words);
  std::optional<bool> boolean(std::string_view key);
  std::optional<std::int64_t> integer(std::string_view key, std::int64_t min, std::int64_t max);
  /// `otherwise` if the key is absent; it is shown as the default then.
  bool boolean_or(std::string_view key, bool otherwise);
  std::int64_t integer_or(std::string_view key, std::int64_t min, std::int64_t max,
                          std::int64_t otherwise);
  std::optional<Uuid> uuid(std::string_view key);
  /// From 1970 to 9999.
  std::optional<Timestamp> time(std::string_view key);
  /// Made absolute, from the directory of the file.
  std::optional<std::filesystem::path> path(std::string_view key);

  /// Calls `read(element, its path)` for each element of an array.
  void each(std::string_view key,
            const std::function<void(const JsonNode&, const std::string&)>& read);
  /// Calls `read(member, its path)` for each member of an object with keys of the user's choice.
  void each_member(std::string_view key,
                   const std::function<void(const JsonMember&, const std::string&)>& read);

 private:
  std::optional<SecretValue> hidden(std::string_view key, bool is_secret);

  ReadContext& context_;
  const JsonNode& node_;
  std::string path_;
};

/// The rules of SectionReader::text(), for a value that is no member.
std::string read_plain_text(ReadContext& context, const JsonNode& node, const std::string& path);
/// As above, and one of `words`.
std::string read_word(ReadContext& context, const JsonNode& node, const std::string& path,
                      std::span<const std::string_view> words);

}  // namespace kist::core
