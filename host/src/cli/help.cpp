// SPDX-License-Identifier: Apache-2.0
#include "cli/help.hpp"

#include "cli/arguments.hpp"
#include "cli/table.hpp"
#include "secrets/error_table.hpp"

namespace kist::cli {
namespace {

std::string indented(const Table& table) {
  std::string text = table.text(), result;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = text.find('\n', start) + 1;
    result += "  " + text.substr(start, end - start);
    start = end;
  }
  return result;
}

std::string command_list(std::span<const Command> commands, std::string_view group) {
  Table table;
  for (const Command& command : commands) {
    const std::string_view first = command.words.substr(0, command.words.find(' '));
    if (group.empty() || first == group)
      table.row({std::string(command.words), std::string(command.summary)});
  }
  if (group.empty()) table.row({"help", "Shows help, of a command if one is named"});
  return indented(table);
}

std::string option_list(std::span<const OptionSpec> options) {
  Table table;
  for (const OptionSpec& option : options) {
    std::string usage = "--" + std::string(option.name);
    if (!option.value.empty()) usage += " " + std::string(option.value);
    table.row({usage, std::string(option.help) + (option.repeatable ? "; can be repeated" : "")});
  }
  return indented(table);
}

struct ExitMeaning {
  ErrorCode code;  ///< One of those that end in this exit code.
  std::string_view meaning;
};

constexpr ExitMeaning kExitMeanings[] = {
    {ErrorCode::invalid_argument, "the request or the configuration is wrong"},
    {ErrorCode::permission_denied, "not allowed"},
    {ErrorCode::not_found, "there is no such secret, file or other thing"},
    {ErrorCode::conflict,
     "the name, id or file is there already, or the secret was changed meanwhile"},
    {ErrorCode::failed_precondition,
     "the state of the store, of its keys, of a file or of a plugin forbids it"},
    {ErrorCode::unavailable,
     "not now: a limit, out of time, interrupted, or something is out of reach"},
    {ErrorCode::indeterminate, "it is unknown whether a write was done"},
    {ErrorCode::corrupt, "what is stored is damaged"},
    {ErrorCode::unimplemented, "the store cannot do this, or secrets are switched off"},
    {ErrorCode::internal, "a bug"},
};

std::string exit_code_list() {
  Table table;
  table.row({"0", "done"});
  for (const ExitMeaning& exit : kExitMeanings)
    table.row({std::to_string(core::error_row(exit.code).exit_code), std::string(exit.meaning)});
  return indented(table);
}

std::string example_list(std::span<const std::string_view> examples) {
  std::string text;
  for (const std::string_view example : examples) text += "  $ " + std::string(example) + "\n";
  return text;
}

}  // namespace

std::string overview(std::span<const Command> commands) {
  constexpr std::string_view examples[] = {
      "kist secret create db user=app --from-file password=./password",
      "kist secret get db --key password",
      "kist help secret create",
  };
  return "Kist keeps secrets in a store that a plugin provides.\n\n"
         "Usage: kist COMMAND ... [options]\n\nCommands:\n" +
         command_list(commands, {}) + "\nOptions of every command:\n" +
         option_list(common_options()) +
         "  --version                  show version and build id\n" +
         "\nOptions of commands that work with a server too:\n" + option_list(server_options()) +
         "\nExit codes:\n" + exit_code_list() + "\nExamples:\n" + example_list(examples);
}

std::string help_of_group(std::span<const Command> commands, std::string_view word) {
  std::string text = "Usage: kist " + std::string(word) + " COMMAND ... [options]\n\nCommands:\n" +
                     command_list(commands, word) + "\nExamples:\n";
  for (const Command& command : commands) {
    if (command.words.substr(0, command.words.find(' ')) == word)
      text += example_list(std::span(command.examples).first(1));
  }
  return text;
}

std::string help_of_command(const Command& command) {
  std::string text = "Usage: kist " + std::string(command.words);
  // Behind "--" nothing is an option any more.
  const bool options_first = command.arguments.starts_with("-- ");
  if (options_first) text += " [options]";
  if (!command.arguments.empty()) text += " " + std::string(command.arguments);
  if (!options_first) text += " [options]";
  text += "\n\n" + std::string(command.summary) + ".\n";
  if (!command.details.empty()) text += "\n" + command.details;
  if (!command.options.empty()) text += "\nOptions:\n" + option_list(command.options);
  if (command.server) text += "\nOptions for a server:\n" + option_list(server_options());
  return text + "\nOptions of every command:\n" + option_list(common_options()) + "\nExamples:\n" +
         example_list(command.examples);
}

}  // namespace kist::cli
