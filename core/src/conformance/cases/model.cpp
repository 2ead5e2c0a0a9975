// SPDX-License-Identifier: Apache-2.0
// Random operations, each compared with what a simple model of a store gives. `--seed` repeats a
// run; a failure tells the step that differs.

#include <algorithm>
#include <memory>
#include <random>

#include <doctest/doctest.h>

#include "samples.hpp"
#include "store_client.hpp"
#include "store_model.hpp"

namespace kist::conformance {
namespace {

constexpr int kSeeds = 3;
constexpr int kSteps = 300;

/// Of a hundred operations, and of what they are made. The rest of them are updates.
struct Mix {
  std::uint64_t creates, removes;
  std::uint64_t names;                ///< Few: they collide.
  std::uint64_t revision_one_in = 8;  ///< How often a write is for one revision only.
  std::uint64_t reopen_one_in = 0;    ///< How often the store is closed and opened; 0: never.
};

class RandomRun {
 public:
  RandomRun(std::uint32_t seed, const Mix& mix) : random_(seed), mix_(mix) { reopen(); }

  void step() {
    const std::uint64_t kind = below(100);
    if (kind < mix_.creates)
      create();
    else if (kind < mix_.creates + mix_.removes)
      remove();
    else
      update();
    if (mix_.reopen_one_in != 0 && below(mix_.reopen_one_in) == 0) reopen();
  }

  /// Every secret, and the list of all.
  void compare_all() {
    for (const auto& [id, secret] : model_.secrets()) CHECK(store_->text(id) == text_of(secret));
    ListQuery query;
    query.sort = Field::id;
    std::vector<std::string> rows;
    for (const SecretMetadata& row : store_->list(query).rows) rows.push_back(text_of(row));
    CHECK(rows == model_.rows());
  }

 private:
  std::uint64_t below(std::uint64_t end) { return random_() % end; }
  std::string name() { return "name " + std::to_string(below(mix_.names)); }
  Scope scope() { return below(2) == 0 ? Scope::workspace : Scope::user; }
  std::string key() { return std::string("abcde").substr(below(5), 1); }
  std::string value() {
    return repeated(std::to_string(below(1000)), below(4) == 0 ? 800 : below(3));
  }
  std::optional<std::uint64_t> revision() {
    if (below(mix_.revision_one_in) != 0) return std::nullopt;
    return 1 + below(4);
  }
  /// One that there is, mostly.
  Uuid id() {
    if (model_.secrets().empty() || below(10) == 0) return numbered_id(1 + below(last_id_ + 1));
    return std::next(model_.secrets().begin(),
                     static_cast<std::ptrdiff_t>(below(model_.secrets().size())))
        ->first;
  }

  void reopen() {
    store_.reset();  // Some can be open once only.
    store_ = std::make_unique<StoreClient>(home_);
  }

  void create() {
    Secret secret = secret_named(name(), {});
    secret.id = below(10) == 0 ? id() : numbered_id(++last_id_);
    secret.scope = scope();
    secret.workspace_id = numbered_id(1 + below(2));
    secret.user_id = numbered_id(1 + below(2));
    for (std::uint64_t left = below(4); left > 0; --left) secret.values.set(key(), value());
    check("create", secret.id, model_.create(secret), [&] { store_->create(secret); });
  }

  void update() {
    SecretUpdate update = update_of(id());
    update.updated = at(static_cast<std::int64_t>(below(1'000'000)));
    if (below(3) == 0) update.name = name();
    if (below(3) == 0) update.scope = scope();
    if (below(4) != 0) {
      update.values.emplace();
      update.replace_values = below(4) == 0;
      for (std::uint64_t left = below(4); left > 0; --left) {
        if (!update.replace_values && below(3) == 0)
          update.values->remove(key());
        else
          update.values->set(key(), value());
      }
    }
    update.if_revision = revision();
    check("update", update.id, model_.update(update), [&] {
      const Secret updated = store_->update(update);
      CHECK(text_of(updated) == model_.text(update.id));
    });
  }

  void remove() {
    const Uuid chosen = id();
    const auto if_revision = revision();
    check("delete", chosen, model_.remove(chosen, if_revision),
          [&] { store_->remove(chosen, if_revision); });
  }

  /// The operation ends as the model says, and what it is about is then as the model has it.
  template <class Operation>
  void check(std::string_view what, const Uuid& id, const StoreModel::Outcomes& expected,
             Operation operation) {
    const std::string outcome = outcome_of(operation);
    CAPTURE(what);
    CAPTURE(expected);
    CAPTURE(outcome);
    CHECK(std::ranges::count(expected, outcome) == 1);
    CHECK(store_->text(id) == model_.text(id));
  }

  std::mt19937 random_;
  const Mix mix_;
  StoreModel model_;
  StoreHome home_;
  std::unique_ptr<StoreClient> store_;
  std::uint64_t last_id_ = 0;
};

void run(const Mix& mix) {
  for (std::uint32_t more = 0; more < kSeeds; ++more) {
    RandomRun random(store_under_test().seed + more, mix);
    CAPTURE(more);
    for (int step = 0; step < kSteps; ++step) {
      CAPTURE(step);
      random.step();
      if (step % 50 == 49) random.compare_all();
    }
  }
}

TEST_SUITE("model") {
  TEST_CASE("ST-2: random operations on few names do what a simple model does") {
    run({.creates = 40, .removes = 15, .names = 4});
  }

  TEST_CASE("ST-10: random patches do what a simple model does") {
    run({.creates = 10, .removes = 3, .names = 40});
  }

  TEST_CASE("ST-13: random operations for one revision only do what a simple model does") {
    run({.creates = 20, .removes = 15, .names = 20, .revision_one_in = 2});
  }

  TEST_CASE("ST-19: random operations, with closes in between, do what a simple model does") {
    KIST_APPLIES_IF(store_under_test().persistent, "forgets what it had when it is closed");
    run({.creates = 30, .removes = 15, .names = 8, .reopen_one_in = 10});
  }
}

}  // namespace
}  // namespace kist::conformance
