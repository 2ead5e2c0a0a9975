// SPDX-License-Identifier: Apache-2.0
// What a create stores, and when a name or an id is taken.

#include <algorithm>
#include <filesystem>

#include <doctest/doctest.h>

#include "samples.hpp"
#include "sealing/envelope.hpp"
#include "store_client.hpp"

namespace kist::conformance {
namespace {

/// `size` bytes of keys and values, in one value.
Secret secret_of_size(std::size_t size) {
  Secret secret = secret_named("size " + std::to_string(size), {});
  secret.values.set("k", std::string(size - 1, 'v'));
  return secret;
}

std::string every_byte() {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte);
  return bytes;
}

TEST_SUITE("create") {
  TEST_CASE("ST-1: a secret reads back as it was created") {
    const StoreHome home;
    StoreClient store(home);
    const std::string bytes = every_byte();
    const std::string long_key = repeated("\u00e9", 127) + "k";
    std::vector<Secret> secrets;
    secrets.push_back(secret_named("two values"));
    secrets.push_back(secret_named("an empty map", {}));
    secrets.push_back(secret_named("an empty value", {{"empty", ""}, {"full", "x"}}));
    secrets.push_back(secret_named("only an empty value", {{"empty", ""}}));
    secrets.push_back(secret_named("any bytes", {{"bytes", bytes}, {"nul", {"\0", 1}}}));
    secrets.push_back(secret_named("keys of 1 and 255 bytes", {{"k", "1"}, {long_key, "255"}}));
    secrets.push_back(secret_named("odd keys", {{"'; --", "1"}, {"a\nb", "2"}, {"%_\\\"", "3"}}));
    secrets.push_back(secret_named("keys by bytes", {{"Z", "1"}, {"a", "2"}, {"\u00e9", "3"}}));
    secrets.push_back(secret_named(repeated("\U0001f511", 255)));  // 1,020 bytes.
    secrets.push_back(secret_named("n"));
    secrets.push_back(secret_named("before 1970"));
    secrets.back().created = secrets.back().updated = Timestamp(std::chrono::microseconds(-1));
    secrets.push_back(secret_named("of a user"));
    secrets.back().scope = Scope::user;
    for (const Secret& secret : secrets) {
      CAPTURE(secret.name);
      CHECK(text_of(store.create(secret)) == text_of(secret));
      CHECK(store.text(secret.id) == text_of(secret));
    }
    CHECK(store.list().rows.size() == secrets.size());
  }

  TEST_CASE("ST-1: the limits of a secret's size are inside of what a store takes") {
    const StoreHome home;
    StoreClient store(home);
    const auto most = plugin_under_test()
                          ->manifest()
                          .store(store_under_test().type)
                          ->max_secret_bytes.value_or(1024 * 1024);
    // Of one value, which is all that is sealed.
    const std::size_t sealing = store_under_test().sealed ? core::kMaxEnvelopeOverhead : 0;
    for (const std::size_t size : {std::size_t{64} * 1024, std::size_t{most} - sealing}) {
      CAPTURE(size);
      const Secret secret = secret_of_size(size);
      CHECK(text_of(store.create(secret)) == text_of(secret));
      CHECK(store.text(secret.id) == text_of(secret));
    }
    Secret keys = secret_named("1,000 keys", {});
    for (int i = 0; i < 1000; ++i) keys.values.set("key " + std::to_string(i), std::to_string(i));
    CHECK(text_of(store.create(keys)) == text_of(keys));
    CHECK(store.text(keys.id) == text_of(keys));
  }

  TEST_CASE("ST-2: a name is taken once in each scope") {
    struct Case {
      std::string_view what;
      Scope scope;
      std::uint64_t workspace, user;
      std::string_view expected;
    };
    const Case cases[] = {
        {"the first in the workspace", Scope::workspace, 1, 1, "done"},
        {"the same again", Scope::workspace, 1, 1, "already_exists"},
        {"by another user, in the workspace", Scope::workspace, 1, 2, "already_exists"},
        {"in another workspace", Scope::workspace, 2, 1, "done"},
        {"the first in the scope of a user", Scope::user, 1, 1, "done"},
        {"the same again", Scope::user, 1, 1, "already_exists"},
        {"in the scope of another user", Scope::user, 1, 2, "done"},
        {"of this user in another workspace", Scope::user, 2, 1, "done"},
    };
    const StoreHome home;
    StoreClient store(home);
    for (const Case& taken : cases) {
      CAPTURE(taken.what);
      Secret secret = secret_named("name");
      secret.scope = taken.scope;
      secret.workspace_id = numbered_id(taken.workspace);
      secret.user_id = numbered_id(taken.user);
      CHECK(outcome_of([&] { store.create(secret); }) == taken.expected);
    }
    CHECK(store.list().rows.size() == 5);
  }

  TEST_CASE("ST-2: a create that fails changes nothing") {
    const StoreHome home;
    StoreClient store(home);
    const Secret first = secret_named("name", {{"k", "first"}});
    store.create(first);
    const Secret second = secret_named("name", {{"k", "second"}});
    CHECK(outcome_of([&] { store.create(second); }) == "already_exists");
    CHECK(store.text(second.id) == "not_found");
    CHECK(store.text(first.id) == text_of(first));
    CHECK(store.list().rows.size() == 1);
  }

  TEST_CASE("ST-2: names are compared byte by byte (AT-03 and AT-48)") {
    const StoreHome home;
    StoreClient store(home);
    std::vector<Secret> secrets;
    for (const std::string_view name : awkward_names()) {
      CAPTURE(name);
      const Secret& secret = secrets.emplace_back(secret_named(name));
      CHECK(outcome_of([&] { store.create(secret); }) == "done");
      CHECK(outcome_of([&] { store.create(secret_named(name)); }) == "already_exists");
    }
    for (const Secret& secret : secrets) CHECK(store.text(secret.id) == text_of(secret));
    CHECK(store.list().rows.size() == secrets.size());
  }

  TEST_CASE("ST-2: a name that looks like a path is a name, and names no file (AT-01, AT-22)") {
    const StoreHome home;
    StoreClient store(home);
    const std::string_view names[] = {
        "../escaped", "..", ".",       "a/../b", "//",     "a.",      "/tmp/escaped", "%2e%2e",
        "%2F",        "\\", "escaped", ";x",     "latest", "default", "lost+found",   "~"};
    std::vector<Secret> secrets;
    for (const std::string_view name : names) {
      CAPTURE(name);
      const Secret& secret = secrets.emplace_back(secret_named(name));
      CHECK(outcome_of([&] { store.create(secret); }) == "done");
    }
    for (const Secret& secret : secrets) CHECK(store.text(secret.id) == text_of(secret));
    for (const auto& entry : std::filesystem::recursive_directory_iterator(home.directory())) {
      const std::string file = entry.path().filename().native();
      CAPTURE(file);
      CHECK(std::ranges::find(names, std::string_view(file)) == std::end(names));
    }
    CHECK_FALSE(std::filesystem::exists(home.directory().parent_path() / "escaped"));
  }

  TEST_CASE("ST-4: an id is taken once, whatever the name") {
    const StoreHome home;
    StoreClient store(home);
    const Secret first = secret_named("first", {{"k", "first"}});
    store.create(first);
    Secret second = secret_named("second", {{"k", "second"}});
    second.id = first.id;
    second.workspace_id = numbered_id(2);
    CHECK(outcome_of([&] { store.create(second); }) == "already_exists");
    CHECK(store.text(first.id) == text_of(first));
    second.id = random_id();
    CHECK_MESSAGE(outcome_of([&] { store.create(second); }) == "done",
                  "the name of the refused secret must be free");
  }
}

}  // namespace
}  // namespace kist::conformance
