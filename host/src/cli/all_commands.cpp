// SPDX-License-Identifier: Apache-2.0
#include "cli/all_commands.hpp"

#include <utility>

#include "cli/audit_commands.hpp"
#include "cli/completion_command.hpp"
#include "cli/config_commands.hpp"
#include "cli/conformance_command.hpp"
#include "cli/import_commands.hpp"
#include "cli/keys_commands.hpp"
#include "cli/plugin_commands.hpp"
#include "cli/plugin_new_command.hpp"
#include "cli/run_command.hpp"
#include "cli/secret_commands.hpp"
#include "cli/serve_command.hpp"
#include "cli/status_command.hpp"
#include "cli/store_commands.hpp"
#include "cli/token_commands.hpp"
#include "cli/transfer_commands.hpp"

namespace kist::cli {

std::vector<Command> all_commands() {
  std::vector<Command> all;
  for (auto* const commands :
       {&secret_commands, &transfer_commands, &run_commands, &serve_commands, &status_commands,
        &token_commands, &config_commands, &plugin_new_commands, &plugin_commands,
        &conformance_commands, &store_commands, &import_commands, &keys_commands, &audit_commands,
        &completion_commands}) {
    for (Command& command : commands()) all.push_back(std::move(command));
  }
  return all;
}

}  // namespace kist::cli
