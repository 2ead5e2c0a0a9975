// SPDX-License-Identifier: Apache-2.0
#include "cli/completion_command.hpp"

#include <string>

#include "cli/all_commands.hpp"
#include "cli/completion_script.hpp"
#include "cli/standard_streams.hpp"
#include "text/printable.hpp"

namespace kist::cli {
namespace {

int completion(Session&, const Arguments& arguments) {
  const std::string& shell = arguments.words[0];
  const std::vector<Command> commands = all_commands();
  if (shell == "bash")
    write_output(bash_completion(commands));
  else if (shell == "zsh")
    write_output(zsh_completion(commands));
  else if (shell == "fish")
    write_output(fish_completion(commands));
  else
    throw UsageError("there is no completion for " + core::in_quotes(shell, 64) +
                     "; expected 'bash', 'zsh' or 'fish'");
  return 0;
}

}  // namespace

std::vector<Command> completion_commands() {
  return {{.words = "completion",
           .arguments = "bash|zsh|fish",
           .summary = "Prints what makes a shell complete the words of kist",
           .details =
               "Commands, options and the words that options take are completed; secrets are "
               "not asked for.\n\n  bash  source <(kist completion bash), in ~/.bashrc\n  zsh "
               "  kist completion zsh > \"${fpath[1]}/_kist\"\n  fish  kist completion fish > "
               "~/.config/fish/completions/kist.fish\n",
           .examples = {"source <(kist completion bash)"},
           .words_min = 1,
           .words_max = 1,
           .run = completion}};
}

}  // namespace kist::cli
