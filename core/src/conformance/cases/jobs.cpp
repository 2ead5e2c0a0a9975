// SPDX-License-Identifier: Apache-2.0
// What the processes of race_test.cpp and crash_test.cpp do.

#include <charconv>
#include <iostream>

#include "history.hpp"
#include "samples.hpp"
#include "worker.hpp"

namespace kist::conformance {
namespace {

std::uint64_t number_in(std::string_view text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

void say(std::string_view line) { std::cout << line << std::endl; }

/// For each line, creates a secret of that name, and says what came of it.
void create_named(StoreClient& store) {
  say("ready");
  for (std::string name; std::getline(std::cin, name);) {
    say(outcome_of([&] { store.create(secret_named(name)); }));
  }
}

/// For each line, sets the key of that name in secret 1, and says what came of it.
void patch_key(StoreClient& store) {
  say("ready");
  for (std::string key; std::getline(std::cin, key);) {
    SecretUpdate update = update_of(numbered_id(1));
    update.values = patch_of({{key, key}});
    say(outcome_of([&] { store.update(update); }));
  }
}

/// Does step after step from the number in the first line on, and says each that is done.
void make_history(StoreClient& store) {
  say("ready");
  std::string first;
  std::getline(std::cin, first);
  for (std::uint64_t step = number_in(first);; ++step) {
    History::do_step(store, step);
    say(std::to_string(step));
  }
}

}  // namespace

int run_job(const StoreHome& home, std::string_view job) {
  struct Job {
    std::string_view name;
    void (*run)(StoreClient&);
  };
  static constexpr Job jobs[] = {
      {"create", create_named}, {"patch", patch_key}, {"history", make_history}};
  StoreClient store(home);
  for (const Job& known : jobs) {
    if (known.name != job) continue;
    known.run(store);
    return 0;
  }
  return 2;
}

}  // namespace kist::conformance
