// SPDX-License-Identifier: Apache-2.0
#include <exception>
#include <string>
#include <vector>

#include "cli/arguments.hpp"
#include "cli/audit_commands.hpp"
#include "cli/config_commands.hpp"
#include "cli/dispatch.hpp"
#include "cli/failure.hpp"
#include "cli/import_commands.hpp"
#include "cli/keys_commands.hpp"
#include "cli/plugin_commands.hpp"
#include "cli/process_setup.hpp"
#include "cli/secret_commands.hpp"
#include "cli/store_commands.hpp"
#include "memory/dead_stack.hpp"

namespace {

std::vector<kist::cli::Command> all_commands() {
  std::vector<kist::cli::Command> all;
  for (auto* const commands :
       {&kist::cli::secret_commands, &kist::cli::config_commands, &kist::cli::plugin_commands,
        &kist::cli::store_commands, &kist::cli::import_commands, &kist::cli::keys_commands,
        &kist::cli::audit_commands}) {
    for (auto& command : commands()) all.push_back(std::move(command));
  }
  return all;
}

int run(int argc, char** argv) {
  std::vector<std::string> line;
  for (int i = 1; i < argc; ++i) line.emplace_back(argv[i]);
  const bool json = kist::cli::wants_json(line);
  try {
    kist::cli::prepare_process();
    kist::cli::forget_command_line(argc, argv);
    return kist::cli::run_command_line(all_commands(), std::move(line),
                                       kist::core::take_environment_of_process());
  } catch (const std::exception& failure) {
    return kist::cli::report_failure(failure, json);
  } catch (...) {
    return kist::cli::report_unknown_failure(json);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const int code = run(argc, argv);
  kist::core::wipe_dead_stack();
  return code;
}
