// SPDX-License-Identifier: Apache-2.0
// A value that the plugin has had is searched for in all writable memory of this process, after the
// case has wiped its own copies: so what is found is in memory that the plugin did not wipe.

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <kist/abi.hpp>
#include <kist/secret_memory.hpp>

#include "failing_allocation.hpp"
#include "raw_operations.hpp"

namespace kist::conformance {
namespace {

/// A random value. It is itself only while a Shown lives; else it is kept disguised.
class Canary {
 public:
  explicit Canary(std::uint32_t seed) {
    std::mt19937 random(seed);
    for (char& c : disguised_) c = disguise(static_cast<char>('A' + random() % 26));
  }

  class Shown {
   public:
    explicit Shown(const Canary& canary) {
      std::transform(canary.disguised_.begin(), canary.disguised_.end(), bytes_.begin(), disguise);
    }
    ~Shown() { wipe(bytes_.data(), bytes_.size()); }
    Shown(const Shown&) = delete;
    Shown& operator=(const Shown&) = delete;
    std::string_view text() const { return {bytes_.data(), bytes_.size()}; }

   private:
    std::array<char, 32> bytes_;
  };

  bool is_at(const char* place) const {
    return std::equal(disguised_.begin(), disguised_.end(), place,
                      [](char mine, char found) { return disguise(mine) == found; });
  }
  static constexpr std::size_t size() { return 32; }

 private:
  static char disguise(char c) { return static_cast<char>(c ^ 0x2A); }
  std::array<char, 32> disguised_;
};

struct Mapping {
  std::uintptr_t begin = 0, end = 0;
  std::string name;
};

std::vector<Mapping> writable_mappings() {
  std::vector<Mapping> mappings;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    Mapping mapping;
    char mode[5] = {};
    int name = 0;
    if (std::sscanf(line.c_str(), "%" SCNxPTR "-%" SCNxPTR " %4s %*s %*s %*s %n", &mapping.begin,
                    &mapping.end, mode, &name) != 3)
      continue;
    mapping.name = line.substr(static_cast<std::size_t>(name));
    if (std::string_view(mode).starts_with("rw")) mappings.push_back(mapping);
  }
  return mappings;
}

/// "2 times in [heap]", for each mapping that has it; empty: it is nowhere.
std::string places_of(const Canary& canary) {
  std::string places;
  for (const Mapping& mapping : writable_mappings()) {
    int count = 0;
    for (std::uintptr_t at = mapping.begin; at + Canary::size() <= mapping.end; ++at)
      count += canary.is_at(reinterpret_cast<const char*>(at)) ? 1 : 0;
    if (count > 0)
      places += std::to_string(count) + " times in " +
                (mapping.name.empty() ? "unnamed memory" : mapping.name) + "; ";
  }
  return places;
}

RawCall forgetful_call() {
  RawCall call;
  call.keeps_values = false;
  return call;
}

/// Everything that brings the value into a store and out of it again.
void pass_through(RawStore& store, const Canary& canary, const Uuid& id) {
  const Canary::Shown shown(canary);
  Secret secret = secret_named("name", {{"k", shown.text()}});
  secret.id = id;
  RawCall created = forgetful_call(), refused = forgetful_call(), got = forgetful_call();
  REQUIRE(store.create(created, secret) == KIST_OK);
  CHECK(store.create(refused, secret) == KIST_ALREADY_EXISTS);
  CHECK(store.get(got, id) == KIST_OK);
  const kist_value values[] = {{abi::bytes("l"), abi::bytes(shown.text()), 0, 0}};
  kist_update_request update{};
  update.id = abi::uuid(id);
  update.flags = KIST_UPDATE_VALUES;
  update.values = values;
  update.value_count = 1;
  RawCall updated = forgetful_call(), listed = forgetful_call();
  CHECK(store.update(updated, update) == KIST_OK);
  CHECK(store.list(listed, list_all()) == KIST_OK);
}

TEST_SUITE("canary") {
  TEST_CASE("KP-15: after close no value is left in memory") {
    KIST_APPLIES_IF(allocations_can_fail(), "cannot be searched under a sanitizer");
    const Canary canary(store_under_test().seed);
    const RawHost host;
    const StoreHome home;
    {
      RawStore store(host, home);
      pass_through(store, canary, random_id());
    }
    const std::string places = places_of(canary);
    CHECK(places == "");
    const Canary::Shown shown(canary);
    CHECK_MESSAGE(places_of(canary) != "", "or the search finds nothing");
  }

  TEST_CASE("KP-15: after a delete no value is left in memory") {
    KIST_APPLIES_IF(allocations_can_fail(), "cannot be searched under a sanitizer");
    const Canary canary(store_under_test().seed);
    const RawHost host;
    const StoreHome home;
    RawStore store(host, home);
    const Uuid id = random_id();
    pass_through(store, canary, id);
    RawCall removed;
    CHECK(store.remove(removed, id) == KIST_OK);
    const std::string places = places_of(canary);
    CHECK(places == "");
  }
}

}  // namespace
}  // namespace kist::conformance
