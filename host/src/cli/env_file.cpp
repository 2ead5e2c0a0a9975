// SPDX-License-Identifier: Apache-2.0
#include "cli/env_file.hpp"

#include <algorithm>

#include <kist/error.hpp>

#include "cli/wiped_buffer.hpp"
#include "text/printable.hpp"

namespace kist::cli {
namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

class EnvFileReader {
 public:
  EnvFileReader(std::string_view text, const std::string& name) : rest_(text), name_(name) {}

  void read(const std::function<void(std::string_view, SecretValue)>& take,
            const std::function<void(std::string_view)>& take_comment) {
    while (!rest_.empty()) {
      ++number_;
      const std::string_view line = trimmed(take_line());
      if (line.starts_with('#') && take_comment) take_comment(line);
      if (!line.empty() && !line.starts_with('#')) read_pair(line, take);
    }
  }

 private:
  std::string_view take_line() {
    const std::size_t end = std::min(rest_.find('\n'), rest_.size());
    const std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return line;
  }

  void read_pair(std::string_view line,
                 const std::function<void(std::string_view, SecretValue)>& take) {
    if (line.starts_with("export ") || line.starts_with("export\t")) line = trimmed(line.substr(7));
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) refuse("there is no '='; expected KEY=VALUE");
    const std::string_view key = trimmed(line.substr(0, equals));
    if (key.empty()) refuse("there is no key before '='");
    if (key.find_first_of(" \t'\"") != std::string_view::npos)
      refuse("the key before '=' holds a blank or a quote");
    take(key, value(trimmed(line.substr(equals + 1))));
  }

  [[noreturn]] void refuse(const std::string& why) const {
    throw Error(ErrorCode::invalid_argument,
                core::printable(name_) + ":" + std::to_string(number_) + ": " + why);
  }

  SecretValue value(std::string_view text) {
    if (text.starts_with('\'')) return single_quoted(text.data() + 1);
    if (text.starts_with('"')) return double_quoted(text.substr(1));
    return SecretValue(text);
  }

  /// From `start`, which is in what has been taken already, as far as the value goes.
  SecretValue single_quoted(const char* start) {
    constexpr std::string_view kQuote = "'\\''";
    std::string_view text(start, static_cast<std::size_t>(rest_.data() + rest_.size() - start));
    detail::SecretBuffer value;
    while (true) {
      const std::size_t end = text.find('\'');
      if (end == std::string_view::npos) refuse("the single quote is not closed");
      value.append(text.substr(0, end));
      text.remove_prefix(end);
      if (!text.starts_with(kQuote)) break;
      value.append("'");
      text.remove_prefix(kQuote.size());
    }
    const std::string_view read(start, static_cast<std::size_t>(text.data() - start));
    rest_ = text.substr(1);
    check_end(take_line());
    number_ += static_cast<std::size_t>(std::ranges::count(read, '\n'));
    return SecretValue(std::move(value));
  }

  SecretValue double_quoted(std::string_view text) const {
    WipedBuffer value(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '"') {
        check_end(text.substr(i + 1));
        return SecretValue(value.text());
      }
      if (text[i] == '\\' && i + 1 < text.size())
        value.append(unescaped(text[++i]));
      else
        value.append(text[i]);
    }
    refuse("the double quote is not closed on its line");
  }

  char unescaped(char letter) const {
    constexpr std::string_view letters = "nrt\\\"$", meanings = "\n\r\t\\\"$";
    const std::size_t index = letters.find(letter);
    if (index == std::string_view::npos)
      refuse(
          "a backslash is followed by none of n r t \\ \" $; between single quotes it stands "
          "for itself");
    return meanings[index];
  }

  void check_end(std::string_view rest) const {
    rest = trimmed(rest);
    if (!rest.empty() && !rest.starts_with('#'))
      refuse("something stands behind the closing quote");
  }

  std::string_view rest_;  // Ends where the file does.
  const std::string& name_;
  std::size_t number_ = 0;  // Of the line that is read.
};

}  // namespace

void read_env_file(std::string_view text, const std::string& name,
                   const std::function<void(std::string_view key, SecretValue value)>& take,
                   const std::function<void(std::string_view line)>& take_comment) {
  EnvFileReader(text, name).read(take, take_comment);
}

}  // namespace kist::cli
