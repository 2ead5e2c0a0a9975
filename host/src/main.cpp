// SPDX-License-Identifier: Apache-2.0
#include <exception>
#include <string>
#include <vector>

#include "cli/arguments.hpp"
#include "cli/config_commands.hpp"
#include "cli/dispatch.hpp"
#include "cli/failure.hpp"
#include "cli/plugin_commands.hpp"
#include "cli/process_setup.hpp"
#include "cli/secret_commands.hpp"
#include "cli/store_commands.hpp"

namespace {

std::vector<kist::cli::Command> all_commands() {
  std::vector<kist::cli::Command> all;
  for (auto* const commands : {&kist::cli::secret_commands, &kist::cli::config_commands,
                               &kist::cli::plugin_commands, &kist::cli::store_commands}) {
    for (auto& command : commands()) all.push_back(std::move(command));
  }
  return all;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> line;
  for (int i = 1; i < argc; ++i) line.emplace_back(argv[i]);
  try {
    kist::cli::prepare_process();
    return kist::cli::run_command_line(all_commands(), line, kist::core::environment_of_process());
  } catch (const std::exception& failure) {
    return kist::cli::report_failure(failure, kist::cli::wants_json(line));
  } catch (...) {
    return kist::cli::report_unknown_failure(kist::cli::wants_json(line));
  }
}
