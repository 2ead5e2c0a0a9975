// SPDX-License-Identifier: Apache-2.0
#include "cli/completion_script.hpp"
#include "cli/completion_words.hpp"

namespace kist::cli {
namespace {

std::string joined(const std::vector<Completion>& words) {
  std::string text;
  for (const Completion& word : words) text += (text.empty() ? "" : " ") + word.word;
  return text;
}

/// `_kist_words COMMAND`: what may stand behind these words of the line.
std::string words_function(std::span<const Command> commands) {
  std::string text = "_kist_words() {\n  case $1 in\n    '') echo '" +
                     joined(first_words(commands)) + "' ;;\n    help) echo '" +
                     joined(first_words(commands)) + "' ;;\n";
  for (const std::string& group : groups(commands))
    text += "    " + group + ") echo '" + joined(second_words(commands, group)) + "' ;;\n";
  for (const Command& command : commands) {
    if (const std::string_view words = argument_words(command); !words.empty())
      text += "    '" + std::string(command.words) + "') echo '" + std::string(words) + "' ;;\n";
  }
  return text + "  esac\n}\n\n";
}

/// `_kist_options COMMAND`.
std::string options_function(std::span<const Command> commands) {
  std::string text = "_kist_options() {\n  case $1 in\n";
  for (const Command& command : commands) {
    text += "    '" + std::string(command.words) + "') echo '";
    std::string_view before;
    for (const OptionSpec* const option : options_for(command)) {
      text += std::string(before) + "--" + std::string(option->name);
      before = " ";
    }
    text += "' ;;\n";
  }
  return text + "    *) echo '--help --version' ;;\n  esac\n}\n\n";
}

/// `_kist_values OPTION`: fails where nothing is known of it.
std::string values_function() {
  std::string text = "_kist_values() {\n  case $1 in\n";
  for (const OptionWords& option : option_words())
    text +=
        "    --" + std::string(option.option) + ") echo '" + std::string(option.words) + "' ;;\n";
  return text + "    *) return 1 ;;\n  esac\n}\n\n";
}

std::string file_commands(std::span<const Command> commands) {
  std::string text;
  for (const Command& command : commands) {
    if (takes_file(command)) text += (text.empty() ? "'" : "|'") + std::string(command.words) + "'";
  }
  return text;
}

}  // namespace

std::string bash_completion(std::span<const Command> commands) {
  return "# Completion of kist for bash: source <(kist completion bash)\n\n" +
         words_function(commands) + options_function(commands) + values_function() +
         "_kist_files() {\n"
         "  compopt -o filenames 2> /dev/null\n"
         "  mapfile -t COMPREPLY < <(compgen -f -- \"$1\")\n"
         "}\n\n"
         "_kist() {\n"
         "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
         "  local command='' complete='' skip='' word i\n"
         "  # bash makes words of their own of '=' and what stands around it.\n"
         "  if [[ $cur == '=' ]]; then cur=''\n"
         "  elif [[ $prev == '=' ]]; then prev=${COMP_WORDS[COMP_CWORD - 2]}; fi\n"
         "  COMPREPLY=()\n"
         "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "    word=${COMP_WORDS[i]}\n"
         "    if [[ $word == '=' ]]; then continue; fi\n"
         "    if [[ -n $skip ]]; then skip=''; continue; fi\n"
         "    case $word in\n"
         "      --)\n"
         "        if ((i + 1 == COMP_CWORD)); then mapfile -t COMPREPLY < <(compgen -c -- "
         "\"$cur\" | sort -u)\n"
         "        else _kist_files \"$cur\"; fi\n"
         "        return ;;\n"
         "      " +
         options_with_value(commands, "|") + ") skip=1 ;;\n" + words_into_command(commands) +
         "  if [[ -n $skip ]]; then\n"
         "    if word=$(_kist_values \"$prev\"); then mapfile -t COMPREPLY < <(compgen -W "
         "\"$word\" -- "
         "\"$cur\")\n"
         "    else\n"
         "      case $prev in\n"
         "        " +
         options_with_file(commands, "|") +
         ") _kist_files \"$cur\" ;;\n"
         "      esac\n"
         "    fi\n"
         "    return\n"
         "  fi\n"
         "  if [[ $cur == -* ]]; then word=$(_kist_options \"$command\")\n"
         "  else word=$(_kist_words \"$command\"); fi\n"
         "  mapfile -t COMPREPLY < <(compgen -W \"$word\" -- \"$cur\")\n"
         "  if [[ $cur == -* ]]; then return; fi\n"
         "  case $command in\n"
         "    " +
         file_commands(commands) +
         ") _kist_files \"$cur\" ;;\n"
         "  esac\n"
         "}\n\n"
         "complete -F _kist kist\n";
}

}  // namespace kist::cli
