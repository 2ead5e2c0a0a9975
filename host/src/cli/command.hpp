// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <kist/error.hpp>
#include <kist/secret_value.hpp>

namespace kist::cli {

struct Session;

struct OptionSpec {
  std::string_view name;   ///< "from-file".
  std::string_view value;  ///< "KEY=PATH"; empty: the option is a switch.
  std::string_view help;
  bool repeatable = false;
  bool secret = false;  ///< Its values may be secrets: they are in Arguments::secret_options.
};

/// What was written behind the words of a command.
struct Arguments {
  std::vector<std::string> words;         ///< Those that are no options, in their order.
  std::vector<SecretValue> secret_words;  ///< Those behind Command::plain_words_max.
  std::map<std::string, std::vector<std::string>, std::less<>> options;
  std::map<std::string, std::vector<SecretValue>, std::less<>> secret_options;

  bool has(std::string_view name) const { return options.contains(name); }
  /// Every value of an option; none if it is absent.
  std::span<const std::string> all(std::string_view name) const {
    const auto found = options.find(name);
    if (found == options.end()) return {};
    return found->second;
  }
  std::optional<std::string> one(std::string_view name) const {
    const auto values = all(name);
    if (values.empty()) return std::nullopt;
    return values.front();
  }
};

constexpr std::size_t kAnyNumber = 100'000;

struct Command {
  std::string_view words = {};      ///< "secret create".
  std::string_view arguments = {};  ///< "NAME [KEY=VALUE ...]".
  std::string_view summary = {};
  std::string details = {};
  std::vector<std::string_view> examples = {};
  std::vector<OptionSpec> options = {};
  std::size_t words_min = 0, words_max = 0;
  std::size_t plain_words_max = kAnyNumber;          ///< Words behind these may hold values.
  bool server = false;                               ///< It works with a server too.
  int (*run)(Session&, const Arguments&) = nullptr;  ///< Returns the exit code.
};

/// The command line itself is wrong. `hint` says which help to read.
class UsageError : public Error {
 public:
  explicit UsageError(const std::string& message, std::string more = {})
      : Error(ErrorCode::invalid_argument, message), hint(std::move(more)) {}

  std::string hint;
};

}  // namespace kist::cli
