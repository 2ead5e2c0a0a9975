// SPDX-License-Identifier: Apache-2.0
#include "cli/completion_words.hpp"

#include <algorithm>
#include <set>

#include "api/routes.hpp"
#include "cli/arguments.hpp"

namespace kist::cli {
namespace {

std::string joined_actions() {
  std::string text;
  for (const std::string_view action : api::audited_actions())
    text += (text.empty() ? "" : " ") + std::string(action);
  return text;
}

std::string_view first_word(const Command& command) {
  return command.words.substr(0, command.words.find(' '));
}

template <class IsMeant>
std::string joined_options(std::span<const Command> commands, std::string_view separator,
                           IsMeant&& is_meant) {
  std::set<std::string> names;
  for (const Command& command : commands) {
    for (const OptionSpec* const option : options_for(command)) {
      if (is_meant(*option)) names.insert("--" + std::string(option->name));
    }
  }
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : std::string(separator)) + name;
  return text;
}

}  // namespace

std::vector<Completion> first_words(std::span<const Command> commands) {
  std::vector<Completion> words;
  for (const Command& command : commands) {
    const std::string word(first_word(command));
    if (command.words == word)
      words.push_back({word, std::string(command.summary)});
    else if (words.empty() || words.back().word != word)
      words.push_back({word, "commands: kist " + word + " ..."});
  }
  words.push_back({"help", "Shows help, of a command if one is named"});
  return words;
}

std::vector<Completion> second_words(std::span<const Command> commands, std::string_view group) {
  std::vector<Completion> words;
  for (const Command& command : commands) {
    if (first_word(command) == group && command.words != group)
      words.push_back(
          {std::string(command.words.substr(group.size() + 1)), std::string(command.summary)});
  }
  return words;
}

std::vector<std::string> groups(std::span<const Command> commands) {
  std::vector<std::string> words;
  for (const Command& command : commands) {
    const std::string word(first_word(command));
    if (command.words != word && (words.empty() || words.back() != word)) words.push_back(word);
  }
  return words;
}

std::vector<const OptionSpec*> options_for(const Command& command) {
  std::vector<const OptionSpec*> options;
  for (const OptionSpec& option : command.options) options.push_back(&option);
  if (command.server) {
    for (const OptionSpec& option : server_options()) options.push_back(&option);
  }
  for (const OptionSpec& option : common_options()) options.push_back(&option);
  return options;
}

std::string options_with_value(std::span<const Command> commands, std::string_view separator) {
  return joined_options(commands, separator,
                        [](const OptionSpec& option) { return !option.value.empty(); });
}

std::string options_with_file(std::span<const Command> commands, std::string_view separator) {
  return joined_options(commands, separator,
                        [](const OptionSpec& option) { return takes_file(option); });
}

std::string words_into_command(std::span<const Command> commands) {
  std::string names;
  for (const std::string& group : groups(commands)) names += group + "|";
  return "      -*) ;;\n"
         "      *)\n"
         "        if [[ -z $complete ]]; then\n"
         "          command=${command:+$command }$word\n"
         "          case ${command#help } in\n"
         "            " +
         names +
         "help) ;;\n"
         "            *) complete=1 ;;\n"
         "          esac\n"
         "        fi ;;\n"
         "    esac\n"
         "  done\n"
         "  command=${command#help }\n";
}

std::span<const OptionWords> option_words() {
  static const std::string actions = joined_actions();
  static const OptionWords words[] = {{"output", "table json"},
                                      {"format", "dotenv json yaml"},
                                      {"scope", "workspace user"},
                                      {"lang", "c++ c rust"},
                                      {"action", actions}};
  return words;
}

std::string_view argument_words(const Command& command) {
  return command.words == "completion" ? "bash zsh fish" : "";
}

bool takes_file(const OptionSpec& option) {
  return option.value.find("FILE") != std::string_view::npos ||
         option.value.find("PATH") != std::string_view::npos;
}

bool takes_file(const Command& command) {
  return command.arguments.starts_with("FILE") || command.arguments.starts_with("PATH");
}

}  // namespace kist::cli
