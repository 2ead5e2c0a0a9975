// SPDX-License-Identifier: Apache-2.0
// The cases of the conformance kit, which `kist plugin test` runs one by one, each in a process of
// its own:
//
//     kist-conformance --plugin=FILE [--config=FILE] [--seed=N] [options of doctest]
//     kist-conformance --plugin=FILE [--config=FILE] --preflight
//     kist-conformance --reporters=cases --list-test-cases
//
// Ends with 0 if a case holds, 1 if not, 2 if it cannot be run, and kDoesNotApply.

#define DOCTEST_CONFIG_IMPLEMENT
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iostream>
#include <optional>
#include <random>
#include <string_view>

#include <doctest/doctest.h>

#include "at_least_one.hpp"
#include "case_list.hpp"
#include "conformance/case_protocol.hpp"
#include "worker.hpp"

namespace kist::conformance {
namespace {

/// The text behind "--name=".
std::optional<std::string_view> option(int argc, char** argv, std::string_view name) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word.starts_with("--") && word.substr(2).starts_with(name) &&
        word.substr(2 + name.size()).starts_with("="))
      return word.substr(3 + name.size());
  }
  return std::nullopt;
}

std::uint32_t number(std::string_view text) {
  std::uint32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

bool has(int argc, char** argv, std::string_view word) {
  return std::find(argv + 1, argv + argc, word) != argv + argc;
}

int preflight() {
  try {
    StoreHome().open();
    return 0;
  } catch (const Error& error) {
    std::cout << core::kOpenErrorMark << static_cast<kist_status>(error.code) << "\t"
              << error.message() << "\n";
    return core::kCannotRun;
  }
}

int run(int argc, char** argv) {
  const auto seed = option(argc, argv, "seed");
  if (const auto plugin = option(argc, argv, "plugin"))
    choose_store(*plugin, option(argc, argv, "config").value_or(""),
                 seed ? number(*seed) : std::random_device()());
  if (has(argc, argv, core::kPreflightOption)) return preflight();
  if (const auto job = option(argc, argv, "job")) {
    const auto deployment = Uuid::parse(option(argc, argv, "deployment").value_or(""));
    if (!deployment) return core::kCannotRun;
    return run_job(StoreHome(option(argc, argv, "home").value_or(""), *deployment), *job);
  }
  const int result = doctest::Context(argc, argv).run();
  if (result != 0 && !seed) std::cout << "with --seed=" << store_under_test().seed << "\n";
  if (result != 0 || inapplicable().empty()) return result;
  std::cout << core::kReasonMark << inapplicable() << "\n";
  return core::kDoesNotApply;
}

}  // namespace
}  // namespace kist::conformance

int main(int argc, char** argv) {
  try {
    return kist::conformance::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return kist::core::kCannotRun;
  }
}
