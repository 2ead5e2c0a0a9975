// SPDX-License-Identifier: Apache-2.0
// The contract of a store, run against one: kist_contract_tests --store=NAME [options of doctest].

#define DOCTEST_CONFIG_IMPLEMENT
#include <iostream>
#include <optional>
#include <string_view>

#include <doctest/doctest.h>

#include "../at_least_one.hpp"
#include "worker.hpp"

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

}  // namespace

int main(int argc, char** argv) {
  using namespace kist::contract;
  const auto store = option(argc, argv, "store");
  if (store && !choose_store(*store)) {
    std::cerr << "kist_contract_tests: there is no store '" << *store << "'\n";
    return 2;
  }
  if (const auto job = option(argc, argv, "job")) {
    const auto deployment = kist::Uuid::parse(option(argc, argv, "deployment").value_or(""));
    if (!deployment) return 2;
    return run_job(StoreHome(option(argc, argv, "home").value_or(""), *deployment), *job);
  }
  return doctest::Context(argc, argv).run();
}
