// SPDX-License-Identifier: Apache-2.0
#include "store_fixture.hpp"

using namespace std::string_literals;

namespace kist::sqlite::test {

namespace {

struct Opened {
  TemporaryDirectory directory;
  std::unique_ptr<SqliteStore> store = open_store(directory.file());
  TestCall call;

  std::string code_of(const std::function<void()>& body) {
    return std::string(to_string(error_of(body).code));
  }
};

}  // namespace

TEST_SUITE("plugins/sqlite/records") {
  TEST_CASE_FIXTURE(Opened, "a get returns what create returned, after a close and an open too") {
    Secret secret = make_secret(1, "käse'; DROP TABLE secrets; --");
    secret.scope = Scope::user;
    secret.values.set("any bytes", "\0\xff\xfe"s);
    secret.values.set("empty", "");
    const Secret created = store->create_secret(call, std::move(secret));
    CHECK(created.revision == 1);
    store.reset();
    store = open_store(directory.file());
    const Secret read = store->get_secret(call, uuid(1));
    CHECK(read.name == created.name);
    CHECK(read.scope == Scope::user);
    CHECK(read.workspace_id == kWorkspace);
    CHECK(read.user_id == kUser);
    CHECK(read.created == created.created);
    CHECK(read.updated == created.updated);
    CHECK(read.revision == 1);
    CHECK(read.values.size() == 3);
    CHECK(read.values.find("any bytes")->reveal() == "\0\xff\xfe"s);
  }

  TEST_CASE_FIXTURE(Opened, "a name is unique in its workspace, or for its owner in it") {
    store->create_secret(call, make_secret(1, "name"));
    const Error error = error_of([&] { store->create_secret(call, make_secret(2, "name")); });
    CHECK(to_string(error.code) == "already_exists");
    CHECK(error.message() == "a secret named 'name' exists in the workspace scope");

    Secret other_case = make_secret(3, "NAME");
    CHECK_NOTHROW(store->create_secret(call, std::move(other_case)));
    for (const std::uint64_t user : {1u, 2u}) {
      Secret secret = make_secret(10 + user, "name");
      secret.scope = Scope::user;
      secret.user_id = uuid(user);
      CHECK_NOTHROW(store->create_secret(call, std::move(secret)));
    }
    Secret again = make_secret(20, "name");
    again.scope = Scope::user;
    again.user_id = uuid(1);
    CHECK(code_of([&] { store->create_secret(call, std::move(again)); }) == "already_exists");
    CHECK(error_of([&] { store->create_secret(call, make_secret(1, "new")); }).message() ==
          "a secret with id 00000000-0000-0000-0000-000000000001 exists");
  }

  TEST_CASE_FIXTURE(Opened, "an update changes what it names and nothing else") {
    store->create_secret(call, make_secret(1, "name"));
    SecretUpdate update = update_of(1);
    update.values.emplace().set("new", "2");
    const Secret patched = store->update_secret(call, update);
    CHECK(patched.revision == 2);
    CHECK(patched.name == "name");
    CHECK(patched.values.find("key")->reveal() == "value of name");
    CHECK(patched.values.find("new")->reveal() == "2");
    CHECK(patched.updated == update.updated);
    CHECK(patched.created == time_at(1));

    SecretUpdate rename = update_of(1);
    rename.name = "other";
    rename.scope = Scope::user;
    CHECK(store->update_secret(call, rename).scope == Scope::user);
    const Secret read = store->get_secret(call, uuid(1));
    CHECK(read.name == "other");
    CHECK(read.revision == 3);
    CHECK(read.values.size() == 2);

    SecretUpdate removal = update_of(1);
    removal.values.emplace().remove("key");
    removal.values->remove("new");
    removal.values->remove("absent");
    CHECK(store->update_secret(call, removal).values.empty());
  }

  TEST_CASE_FIXTURE(Opened, "an update that fails changes nothing") {
    store->create_secret(call, make_secret(1, "one"));
    store->create_secret(call, make_secret(2, "two"));
    SecretUpdate taken = update_of(1);
    taken.name = "two";
    taken.values.emplace().set("key", "new");
    const Error error = error_of([&] { store->update_secret(call, taken); });
    CHECK(to_string(error.code) == "already_exists");
    CHECK(error.message() == "a secret named 'two' exists in the workspace scope");
    SecretUpdate stale = update_of(1);
    stale.if_revision = 7;
    stale.name = "three";
    CHECK(code_of([&] { store->update_secret(call, stale); }) == "conflict");
    CHECK(code_of([&] { store->update_secret(call, update_of(9)); }) == "not_found");

    const Secret read = store->get_secret(call, uuid(1));
    CHECK(read.name == "one");
    CHECK(read.revision == 1);
    CHECK(read.values.find("key")->reveal() == "value of one");
  }

  TEST_CASE_FIXTURE(Opened, "a change of scope is counted, and can be refused") {
    store->create_secret(call, make_secret(1, "name"));
    Secret mine = make_secret(2, "name");
    mine.scope = Scope::user;
    store->create_secret(call, std::move(mine));
    SecretUpdate move = update_of(2);
    move.scope = Scope::workspace;
    CHECK(error_of([&] { store->update_secret(call, move); }).message() ==
          "a secret named 'name' exists in the workspace scope");
    store->delete_secret(call, uuid(1), std::nullopt);
    store->update_secret(call, move);
    CHECK(Sql(directory.file()).rows("SELECT scope || n FROM secret_counts") ==
          std::vector<std::string>{"workspace1"});
  }

  TEST_CASE_FIXTURE(Opened, "a deleted secret is gone with its values, and its name is free") {
    store->create_secret(call, make_secret(1, "name"));
    CHECK(code_of([&] { store->delete_secret(call, uuid(1), 2); }) == "conflict");
    CHECK(code_of([&] { store->delete_secret(call, uuid(1), UINT64_MAX); }) == "conflict");
    CHECK(code_of([&] { store->delete_secret(call, uuid(9), std::nullopt); }) == "not_found");
    store->delete_secret(call, uuid(1), 1);
    CHECK(code_of([&] { store->get_secret(call, uuid(1)); }) == "not_found");
    Sql sql(directory.file());
    for (const char* table : {"secrets", "secret_values", "secret_counts"})
      CHECK(sql.rows("SELECT count(*) FROM "s + table) == std::vector<std::string>{"0"});
    CHECK_NOTHROW(store->create_secret(call, make_secret(2, "name")));
  }

  TEST_CASE_FIXTURE(Opened, "the bytes of a deleted value leave the database file") {
    Secret secret = make_secret(1, "name");
    secret.values.set("key", std::string(20'000, 'x') + "canary-7f3a");
    store->create_secret(call, std::move(secret));
    const auto file_has_canary = [&] {
      Sql(directory.file()).run("PRAGMA wal_checkpoint(TRUNCATE)");
      std::string bytes(std::filesystem::file_size(directory.file()), '\0');
      std::FILE* const file = std::fopen(directory.file().c_str(), "rb");
      bytes.resize(std::fread(bytes.data(), 1, bytes.size(), file));
      std::fclose(file);
      return bytes.find("canary-7f3a") != std::string::npos;
    };
    store.reset();  // fclose() drops the locks of this process.
    CHECK(file_has_canary());
    store = open_store(directory.file());
    store->delete_secret(call, uuid(1), std::nullopt);
    store.reset();
    CHECK_FALSE(file_has_canary());
  }

  TEST_CASE_FIXTURE(Opened, "a call that is over does not begin to write") {
    TestCall over(std::chrono::milliseconds(0));
    CHECK(code_of([&] { store->create_secret(over, make_secret(1, "a")); }) == "deadline_exceeded");
    TestCall cancelled;
    cancelled.cancel();
    CHECK(code_of([&] { store->create_secret(cancelled, make_secret(1, "a")); }) == "cancelled");
    CHECK(code_of([&] { store->get_secret(call, uuid(1)); }) == "not_found");
  }
}

}  // namespace kist::sqlite::test
