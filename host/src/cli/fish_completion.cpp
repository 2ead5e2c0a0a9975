// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "cli/arguments.hpp"
#include "cli/completion_script.hpp"
#include "cli/completion_words.hpp"

namespace kist::cli {
namespace {

/// Between single quotes, where fish knows \\ and \'.
std::string in_quotes(std::string_view text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') result += '\\';
    result += c;
  }
  return result + "'";
}

/// One line: in a command's place, a word or an option.
std::string line(const std::string& command, const std::string& what, std::string_view help) {
  return "complete -c kist -n " + in_quotes("test (__kist_command) = " + in_quotes(command)) +
         what + " -d " + in_quotes(help) + "\n";
}

std::string option_line(const Command& command, const OptionSpec& option) {
  std::string what = " -l " + std::string(option.name);
  if (!option.value.empty()) what += takes_file(option) ? " -r -F" : " -x";
  for (const OptionWords& known : option_words()) {
    if (known.option == option.name) what += " -a " + in_quotes(known.words);
  }
  return line(std::string(command.words), what, option.help);
}

}  // namespace

std::string fish_completion(std::span<const Command> commands) {
  std::string group_cases;
  for (const std::string& group : groups(commands)) group_cases += " " + group;
  std::string text =
      "# Completion of kist for fish: kist completion fish > "
      "~/.config/fish/completions/kist.fish\n\n"
      "# The words of the command that the line has so far; 'kist run --' ends them.\n"
      "function __kist_command\n"
      "  set -l words (commandline -opc)\n"
      "  set -l command\n"
      "  set -l skip 0\n"
      "  for word in $words[2..-1]\n"
      "    if test $skip = 1\n"
      "      set skip 0\n"
      "      continue\n"
      "    end\n"
      "    switch $word\n"
      "      case --\n"
      "        set command behind\n"
      "        break\n"
      "      case " +
      options_with_value(commands, " ") +
      "\n"
      "        set skip 1\n"
      "      case '-*'\n"
      "      case '*'\n"
      "        if test (count $command) -eq 0; or begin; test (count $command) -eq 1; and contains "
      "-- "
      "$command[1]" +
      group_cases +
      " help; end\n"
      "          set -a command $word\n"
      "        end\n"
      "    end\n"
      "  end\n"
      "  string replace -r '^help (?=.)' '' -- \"$command\"\n"
      "end\n\n"
      "complete -c kist -f\n"
      "complete -c kist -n 'test (__kist_command) = behind' -F\n";
  for (const Completion& word : first_words(commands)) {
    for (const char* const place : {"", "help"}) text += line(place, " -a " + word.word, word.help);
  }
  for (const std::string& group : groups(commands)) {
    for (const Completion& word : second_words(commands, group))
      text += line(group, " -a " + word.word, word.help);
  }
  for (const Command& command : commands) {
    for (const OptionSpec* const option : options_for(command))
      text += option_line(command, *option);
    const std::string words(command.words);
    if (takes_file(command)) text += line(words, " -F", "a file");
    if (const std::string_view known = argument_words(command); !known.empty())
      text += line(words, " -a " + in_quotes(known), "a shell");
  }
  return text;
}

}  // namespace kist::cli
