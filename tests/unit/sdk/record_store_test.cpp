// SPDX-License-Identifier: Apache-2.0
// What RecordStore adds to a back-end's own insert, load, replace, erase and scan. The contract
// suite tests the rules on real stores; here are the turns that a real store takes only by chance.

#include <functional>
#include <optional>
#include <random>
#include <string>
#include <tuple>

#include <doctest/doctest.h>

#include <kist/record_store.hpp>

namespace kist {
namespace {

struct NoConfig : SecretsStoreConfiguration {
  [[maybe_unused]] static constexpr auto fields = kist::fields();
};

class PlainCall final : public Call {
 public:
  std::int64_t deadline_ns() const override { return INT64_MAX; }
  bool is_cancelled() const override { return cancelled; }
  int cancel_fd() const override { return -1; }
  bool cancelled = false;
};

/// One record, and somebody else who writes to it behind our back.
class OneRecord final : public RecordStore<NoConfig> {
 public:
  WriteResult insert(Call&, const Secret& given) override {
    record = given.clone();
    return WriteResult::done;
  }
  std::optional<Secret> load(Call&, const Uuid&) override {
    if (corrupt) throw Error(ErrorCode::corrupt, "the values are damaged");
    return record.clone();
  }
  std::optional<SecretMetadata> load_metadata(Call&, const Uuid&) override { return record; }
  WriteResult replace(Call&, const Secret& given, std::uint64_t expected) override {
    if (before_replace) before_replace();
    if (record.revision != expected) return WriteResult::changed;
    record = given.clone();
    corrupt = false;
    return WriteResult::done;
  }
  WriteResult erase(Call&, const Uuid&, std::optional<std::uint64_t>) override {
    return WriteResult::done;
  }
  void scan(Call&, const std::function<bool(const SecretMetadata&)>& visit) override {
    visit(record);
  }

  Secret record;
  bool corrupt = false;
  std::function<void()> before_replace;
};

SecretUpdate patch(const char* key) {
  SecretUpdate update;
  update.values.emplace().set(key, "ours");
  return update;
}

TEST_SUITE("sdk/record_store") {
  TEST_CASE("ST-14: a patch is repeated on what somebody wrote in between, so that both survive") {
    OneRecord store;
    PlainCall call;
    int turns = 0;
    store.before_replace = [&] {
      if (++turns > 2) return;
      store.record.values.set("theirs" + std::to_string(turns), "theirs");
      ++store.record.revision;
    };
    const Secret result = store.update_secret(call, patch("key"));
    CHECK(turns == 3);
    CHECK(result.revision == 4);
    CHECK(result.values.size() == 3);
  }

  TEST_CASE("ST-13: with a revision, a write in between is a conflict") {
    OneRecord store;
    PlainCall call;
    store.before_replace = [&] { ++store.record.revision; };
    SecretUpdate update = patch("key");
    update.if_revision = 1;
    CHECK_THROWS_WITH_AS(store.update_secret(call, update),
                         "secret 00000000-0000-0000-0000-000000000000 is not at revision 1", Error);
    CHECK(store.record.values.empty());
  }

  TEST_CASE("ST-17: a patch that is overtaken for ever ends when the call is cancelled") {
    OneRecord store;
    PlainCall call;
    int turns = 0;
    store.before_replace = [&] {
      ++store.record.revision;
      call.cancelled = ++turns == 50;
    };
    CHECK_THROWS_WITH_AS(store.update_secret(call, patch("key")), "the call was cancelled", Error);
  }

  TEST_CASE("ST-16: values that cannot be read are replaced whole, and patched never") {
    OneRecord store;
    PlainCall call;
    store.corrupt = true;
    CHECK_THROWS_WITH_AS(store.update_secret(call, patch("key")), "the values are damaged", Error);
    SecretUpdate update = patch("key");
    update.replace_values = true;
    CHECK(store.update_secret(call, update).values.size() == 1);
  }

  TEST_CASE("AT-04: two records have one unique name only if they are unique in the same thing") {
    const std::uint32_t seed = std::random_device()();
    CAPTURE(seed);
    std::mt19937 random(seed);
    const auto record = [&random] {
      SecretMetadata made;
      made.scope = random() % 2 == 0 ? Scope::workspace : Scope::user;
      made.workspace_id.bytes[random() % 16] = static_cast<std::uint8_t>(random() % 2);
      made.user_id.bytes[random() % 16] = static_cast<std::uint8_t>(random() % 2);
      for (auto i = random() % 3; i > 0; --i) made.name += "0aw"[random() % 3];
      return made;
    };
    const auto unique_in = [](const SecretMetadata& made) {
      return std::tuple(made.scope, made.workspace_id,
                        made.scope == Scope::user ? made.user_id : Uuid(), made.name);
    };
    for (int pair = 0; pair < 200'000; ++pair) {
      const SecretMetadata a = record(), b = record();
      if ((unique_name(a) == unique_name(b)) == (unique_in(a) == unique_in(b))) continue;
      FAIL("unique names '", unique_name(a), "' and '", unique_name(b), "'");
    }
  }

  TEST_CASE("ST-2: the unique name tells scopes, workspaces, owners and names apart") {
    SecretMetadata record;
    record.name = "db";
    const std::string workspace = unique_name(record);
    record.user_id.bytes[0] = 1;
    CHECK(unique_name(record) == workspace);
    record.scope = Scope::user;
    const std::string user = unique_name(record);
    CHECK(user != workspace);
    record.user_id.bytes[0] = 2;
    CHECK(unique_name(record) != user);
    record.workspace_id.bytes[0] = 1;
    record.scope = Scope::workspace;
    CHECK(unique_name(record) != workspace);
  }
}

}  // namespace
}  // namespace kist
