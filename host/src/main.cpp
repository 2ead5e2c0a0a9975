// SPDX-License-Identifier: Apache-2.0
#include <exception>
#include <string>
#include <vector>

#include "cli/all_commands.hpp"
#include "cli/arguments.hpp"
#include "cli/dispatch.hpp"
#include "cli/failure.hpp"
#include "cli/process_setup.hpp"
#include "memory/dead_stack.hpp"

namespace {

int run(int argc, char** argv) {
  std::vector<std::string> line;
  for (int i = 1; i < argc; ++i) line.emplace_back(argv[i]);
  const bool json = kist::cli::wants_json(line);
  try {
    const kist::cli::Inherited inherited = kist::cli::prepare_process();
    kist::cli::forget_command_line(argc, argv);
    return kist::cli::run_command_line(kist::cli::all_commands(), std::move(line),
                                       kist::core::take_environment_of_process(), inherited);
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
