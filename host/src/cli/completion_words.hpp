// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.hpp"

namespace kist::cli {

/// A word that may stand somewhere, and what it means.
struct Completion {
  std::string word, help;
};

/// The first words of all commands, and the second ones of a group.
std::vector<Completion> first_words(std::span<const Command> commands);
std::vector<Completion> second_words(std::span<const Command> commands, std::string_view group);
/// The words that begin commands of two.
std::vector<std::string> groups(std::span<const Command> commands);
/// All that a command takes, common ones too.
std::vector<const OptionSpec*> options_for(const Command& command);
/// "--config|--output|…": those of all commands that have a value.
std::string options_with_value(std::span<const Command> commands, std::string_view separator);
/// The same of those whose value is a file.
std::string options_with_file(std::span<const Command> commands, std::string_view separator);

/// The end of a loop over the words of a line, for bash and zsh: makes `command` of each `word`
/// that is no option, until it is a whole one.
std::string words_into_command(std::span<const Command> commands);

/// What an option's value may be.
struct OptionWords {
  std::string_view option;
  std::string_view words;  ///< "table json".
};
std::span<const OptionWords> option_words();
/// What the command itself takes: "bash zsh fish"; empty: nothing that is known.
std::string_view argument_words(const Command& command);
bool takes_file(const OptionSpec& option);
bool takes_file(const Command& command);

}  // namespace kist::cli
