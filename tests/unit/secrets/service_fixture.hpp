// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>

#include "failure_of.hpp"
#include "secrets/secrets_service.hpp"
#include "store_in_memory.hpp"

namespace kist::core::testing {

/// A service over an empty store, with two workspaces and a principal of each role in `default`.
/// Ids count up, and so does the clock: one second a look.
struct ServiceFixture {
  ServiceFixture() : ServiceFixture(Limits{}) {}
  explicit ServiceFixture(const Limits& limits)
      : service(
            store, directory, limits, [this] { return Timestamp(std::chrono::seconds(++clock)); },
            [this] { return numbered_id(++ids); }, CursorKey{9}) {}

  static Uuid numbered_id(std::uint32_t number) {
    Uuid id;
    for (std::size_t i = 16; number != 0; number >>= 8) {
      id.bytes[--i] = static_cast<std::uint8_t>(number);
    }
    return id;
  }
  const Principal& principal(const char* name) const { return *directory.find_principal(name); }

  static NewSecret secret(std::string name, Scope scope = Scope::workspace) {
    NewSecret wanted;
    wanted.name = std::move(name);
    wanted.scope = scope;
    wanted.values.set("user", "root");
    wanted.values.set("password", "hunter2");
    return wanted;
  }
  Secret create(const Principal& who, std::string name, Scope scope = Scope::workspace) {
    return service.create(call, who, secret(std::move(name), scope));
  }
  static SecretChange patch(std::initializer_list<std::pair<const char*, const char*>> entries) {
    SecretChange change;
    change.values.emplace();
    for (const auto& [key, value] : entries) {
      if (value == nullptr)
        change.values->remove(key);
      else
        change.values->set(key, value);
    }
    return change;
  }
  /// "key=value key=value", in order.
  static std::string shown(const SecretValues& values) {
    std::string text;
    for (const auto entry : values) {
      if (!text.empty()) text += ' ';
      text += std::string(entry.key) + "=" + std::string(entry.value.reveal());
    }
    return text;
  }

  PlainCall call;
  StoreInMemory store;
  Directory directory{Uuid{{0xDE}},
                      {{"default", {}}, {"research", {}}},
                      {{"alice", {}, {{"default", Role::writer}, {"research", Role::writer}}},
                       {"bob", {}, {{"default", Role::writer}}},
                       {"reader", {}, {{"default", Role::reader}}},
                       {"lister", {}, {{"default", Role::lister}}},
                       {"stranger", {}, {{"research", Role::admin}}},
                       {"root", {}, {{"*", Role::admin}}}}};
  std::int64_t clock = 0;
  std::uint32_t ids = 0;
  SecretsService service;
  const Principal& alice = principal("alice");
  const Principal& bob = principal("bob");
};

}  // namespace kist::core::testing
