// SPDX-License-Identifier: Apache-2.0
#include "cli/completion_script.hpp"
#include "cli/completion_words.hpp"

namespace kist::cli {
namespace {

/// For a text between single quotes, and for what reads ':' as a separator.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '\'')
      result += "'\\''";
    else if (c == ':')
      result += "\\:";
    else
      result += c;
  }
  return result;
}

std::string described(const std::vector<Completion>& words) {
  std::string text;
  for (const Completion& word : words) text += " '" + word.word + ":" + escaped(word.help) + "'";
  return text;
}

std::string described(const Command& command) {
  std::vector<Completion> words;
  for (const OptionSpec* const option : options_for(command))
    words.push_back({"--" + std::string(option->name), std::string(option->help)});
  return described(words);
}

std::string value_cases(std::span<const Command> commands) {
  std::string text;
  for (const OptionWords& option : option_words())
    text += "      --" + std::string(option.option) + ") compadd -- " + std::string(option.words) +
            " ;;\n";
  return text + "      " + options_with_file(commands, "|") + ") _files ;;\n";
}

std::string word_cases(std::span<const Command> commands) {
  std::string text = "    ''|help) found=(" + described(first_words(commands)) + ") ;;\n";
  for (const std::string& group : groups(commands))
    text += "    " + group + ") found=(" + described(second_words(commands, group)) + ") ;;\n";
  for (const Command& command : commands) {
    if (takes_file(command)) text += "    '" + std::string(command.words) + "') _files ;;\n";
    if (const std::string_view words = argument_words(command); !words.empty())
      text +=
          "    '" + std::string(command.words) + "') compadd -- " + std::string(words) + " ;;\n";
  }
  return text;
}

std::string option_cases(std::span<const Command> commands) {
  std::string text;
  for (const Command& command : commands)
    text += "    '" + std::string(command.words) + "') found=(" + described(command) + ") ;;\n";
  return text + "    *) found=('--help:show help' '--version:show version and build id') ;;\n";
}

}  // namespace

std::string zsh_completion(std::span<const Command> commands) {
  return "#compdef kist\n"
         "# Completion of kist for zsh: kist completion zsh > \"${fpath[1]}/_kist\"\n\n"
         "_kist() {\n"
         "  local command='' complete='' skip='' word option\n"
         "  local -a found\n"
         "  integer i\n"
         "  for ((i = 2; i < CURRENT; i++)); do\n"
         "    word=${words[i]}\n"
         "    if [[ -n $skip ]]; then skip=''; continue; fi\n"
         "    case $word in\n"
         "      --) words=(\"${(@)words[i + 1,-1]}\"); ((CURRENT -= i)); _normal; return ;;\n"
         "      " +
         options_with_value(commands, "|") + ") skip=1; option=$word ;;\n" +
         words_into_command(commands) +
         "  if [[ -z $skip && ${words[CURRENT]} == --*=* ]]; then\n"
         "    option=${words[CURRENT]%%=*}; compset -P '*='; skip=1\n"
         "  fi\n"
         "  if [[ -n $skip ]]; then\n"
         "    case $option in\n" +
         value_cases(commands) +
         "    esac\n"
         "    return\n"
         "  fi\n"
         "  if [[ ${words[CURRENT]} == -* ]]; then\n"
         "    case $command in\n" +
         option_cases(commands) +
         "    esac\n"
         "    _describe -o option found\n"
         "    return\n"
         "  fi\n"
         "  case $command in\n" +
         word_cases(commands) +
         "  esac\n"
         "  if (($#found)); then _describe command found; fi\n"
         "}\n\n"
         "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _kist \"$@\"; else compdef _kist "
         "kist; "
         "fi\n";
}

}  // namespace kist::cli
