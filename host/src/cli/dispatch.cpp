// SPDX-License-Identifier: Apache-2.0
#include "cli/dispatch.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include "cli/arguments.hpp"
#include "cli/build_id.hpp"
#include "cli/help.hpp"
#include "cli/server_options.hpp"
#include "cli/session.hpp"
#include "cli/standard_streams.hpp"
#include "text/printable.hpp"
#include "text/suggestion.hpp"

namespace kist::cli {
namespace {

constexpr std::chrono::seconds kTimeoutMax{24 * 60 * 60};

std::string_view first_word(const Command& command) {
  return command.words.substr(0, command.words.find(' '));
}

bool is_group(std::span<const Command> commands, std::string_view word) {
  return std::ranges::any_of(commands, [&](const Command& command) {
    return first_word(command) == word && command.words != word;
  });
}

/// Null: there is none.
const Command* find_words(std::span<const Command> commands, std::string_view words) {
  const auto found = std::ranges::find(commands, words, &Command::words);
  return found == commands.end() ? nullptr : &*found;
}

/// The words that may stand where `group` ends: first ones, or the second ones of a group.
std::vector<std::string_view> next_words(std::span<const Command> commands,
                                         std::string_view group) {
  std::vector<std::string_view> next;
  for (const Command& command : commands) {
    const std::string_view first = first_word(command);
    if (group.empty() && (next.empty() || next.back() != first)) next.push_back(first);
    if (!group.empty() && first == group) next.push_back(command.words.substr(first.size() + 1));
  }
  if (group.empty()) next.push_back("help");
  return next;
}

[[noreturn]] void refuse_word(std::span<const Command> commands, std::string_view group,
                              std::string_view word) {
  const std::string in_group = group.empty() ? "" : " " + std::string(group);
  throw UsageError("'kist" + in_group + "' has no command " + core::in_quotes(word, 64) +
                       core::allowed_words(word, next_words(commands, group)),
                   "see 'kist" + in_group + " --help'");
}

const Command& find(std::span<const Command> commands, const std::vector<std::string>& words) {
  if (const Command* const command = find_words(commands, words[0])) return *command;
  if (!is_group(commands, words[0])) refuse_word(commands, {}, words[0]);
  if (words.size() == 1)
    throw UsageError("'kist " + words[0] + "' needs a command behind it" +
                         core::allowed_words("", next_words(commands, words[0])),
                     "see 'kist " + words[0] + " --help'");
  if (const Command* const command = find_words(commands, words[0] + " " + words[1]))
    return *command;
  refuse_word(commands, words[0], words[1]);
}

int show_help(std::span<const Command> commands, const std::vector<std::string>& words) {
  if (words.empty()) {
    write_output(overview(commands));
  } else if (words.size() == 1 && is_group(commands, words[0])) {
    write_output(help_of_group(commands, words[0]));
  } else {
    write_output(help_of_command(find(commands, words)));
  }
  return 0;
}

std::chrono::seconds parse_timeout(const std::string& text) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc{} || end != text.data() + text.size() || seconds < 1 ||
      seconds > kTimeoutMax.count())
    throw UsageError("--timeout is " + core::in_quotes(text, 64) + "; expected 1 to " +
                     std::to_string(kTimeoutMax.count()) + " seconds");
  return std::chrono::seconds(seconds);
}

OutputFormat parse_format(const std::string& text) {
  if (text == "table") return OutputFormat::table;
  if (text == "json") return OutputFormat::json;
  throw UsageError("--output is " + core::in_quotes(text, 64) + "; expected 'table' or 'json'");
}

int run(const Command& command, const Arguments& arguments, const core::Environment& environment,
        const Inherited& inherited) {
  // Before there is a second thread, for it takes a secret out of the environment.
  std::optional<client::ServerSettings> server = server_of(command, arguments, environment);
  Interrupts interrupts;
  Session session{.environment = environment, .interrupts = interrupts, .inherited = inherited};
  if (const auto config = arguments.one("config")) session.config = *config;
  if (const auto format = arguments.one("output")) session.format = parse_format(*format);
  if (const auto timeout = arguments.one("timeout")) session.timeout = parse_timeout(*timeout);
  if (const auto found = arguments.secret_options.find("store-option");
      found != arguments.secret_options.end())
    session.store_options = found->second;
  session.verbose = arguments.has("verbose");
  session.server = std::move(server);
  if (session.server) {
    for (const std::string& warning : server_warnings(arguments)) session.warn(warning);
  }
  return command.run(session, arguments);
}

/// What stands before or without a command.
int run_without_command(std::span<const Command> commands, const std::vector<std::string>& rest) {
  if (rest.empty() || std::ranges::find(rest, "--help") != rest.end())
    return show_help(commands, {});
  if (rest[0] == "--version") {
    write_output(version_line());
    return 0;
  }
  const std::string name = rest[0].substr(0, rest[0].find('='));
  throw UsageError("there is no command behind " + core::in_quotes(name, 64), "see 'kist --help'");
}

}  // namespace

int run_command_line(std::span<const Command> commands, std::vector<std::string> line,
                     const core::Environment& environment, const Inherited& inherited) {
  line = with_long_help(std::move(line));
  if (!line.empty() && line[0] == "help") {
    line.erase(line.begin());
    return show_help(commands, split_command_line(commands, std::move(line)).words);
  }
  CommandLine split = split_command_line(commands, std::move(line));
  if (split.words.empty()) return run_without_command(commands, split.rest);
  const auto own_end = std::ranges::find(split.rest, "--");
  const bool help = std::find(split.rest.begin(), own_end, "--help") != own_end;
  if (split.words.size() == 1 && help) return show_help(commands, split.words);
  const Command& command = find(commands, split.words);
  const Arguments arguments = parse_arguments(command, std::move(split.rest));
  if (arguments.has("help")) return show_help(commands, split.words);
  return run(command, arguments, environment, inherited);
}

}  // namespace kist::cli
