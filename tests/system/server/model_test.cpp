// SPDX-License-Identifier: Apache-2.0
// Random operations by several principals, on the server and on a model of a page: both must say
// the same, each time.
#include "model.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>

#include "server_place.hpp"

using namespace kist::testing;

namespace {

constexpr const char* kSecrets = "/api/v1/secrets";
constexpr int kOperations = 1'500;
constexpr const char* kRoleNames[] = {"", "lister", "reader", "writer", "admin"};
const std::vector<std::string> kWorkspaces = {"default", "research"};

/// MODEL_SEED repeats a run that failed.
std::uint32_t seed_of_this_run() {
  const char* const given = std::getenv("MODEL_SEED");
  return given == nullptr ? std::random_device()()
                          : static_cast<std::uint32_t>(std::strtoul(given, nullptr, 10));
}

class Comparison {
 public:
  explicit Comparison(std::uint32_t seed)
      : random_(seed),
        server_([this](ServerPlace& place) { add_principals(place); }),
        connection_(server_.connect()) {}

  void step() {
    who_ = &principals_[below(principals_.size())];
    switch (below(8)) {
      case 0:
      case 1:
        return create();
      case 2:
      case 3:
        return get();
      case 4:
      case 5:
        return update();
      case 6:
        return remove();
      default:
        return list();
    }
  }

  /// Everything that each may see, page by page, is what each may get.
  void check_all() {
    for (const ModelPrincipal& principal : principals_) {
      who_ = &principal;
      std::set<std::string> listed;
      std::string cursor;
      const std::string sort = pick(kSorts);
      do {
        const boost::json::value page =
            ask({.path = kSecrets + ("?size=3&sort_by=" + sort + cursor)}).json();
        for (const auto& item : page.at("items").as_array())
          CHECK(listed.insert(text_of(item.at("id"))).second);
        cursor =
            page.at("next_cursor").is_null() ? "" : "&cursor=" + text_of(page.at("next_cursor"));
      } while (!cursor.empty());
      for (const auto& [id, secret] : model_.secrets())
        CHECK(listed.contains(id) == model_.is_visible(principal, secret));
      for (const std::string& id : listed)
        CHECK(ask({.path = kSecrets + ("/" + id)}).status == 200);
    }
  }

 private:
  static inline const std::vector<std::string> kSorts = {"name", "desc:name", "updated", "desc:id",
                                                         "revision"};
  static inline const std::vector<std::string> kNames = {"a",   "A",      "b",      "%",
                                                         "a b", "\u00e9", "a+b&c=d"};
  static inline const std::vector<std::string> kKeys = {"k", "l", "m"};

  std::size_t below(std::size_t end) { return random_() % end; }
  bool one_in(std::size_t n) { return below(n) == 0; }
  const std::string& pick(const std::vector<std::string>& from) { return from[below(from.size())]; }

  void add_principals(ServerPlace& place) {
    for (std::size_t i = 0; i < 6; ++i) {
      ModelPrincipal principal{.name = "p" + std::to_string(i), .roles = {}};
      boost::json::object roles;
      for (const std::string& workspace : kWorkspaces) {
        // The first may do all, so that there is something to see.
        const std::size_t role = i == 0 ? 4 : below(5);
        if (role == 0) continue;
        principal.roles[workspace] = static_cast<ModelRole>(role);
        roles[workspace] = kRoleNames[role];
      }
      tokens_[principal.name] = place.add_token(principal.name, roles);
      principals_.push_back(std::move(principal));
    }
  }

  Answer ask(Ask ask) {
    ask.token = tokens_.at(who_->name);
    last_ = who_->name + ": " + ask.method + " " + ask.path + " " + ask.body;
    return connection_.ask(ask);
  }

  /// One that there is, most of the time.
  std::string some_id() {
    if (model_.secrets().empty() || one_in(10))
      return "3f0c0000-0000-4000-8000-00000000000" + std::to_string(below(9));
    auto entry = model_.secrets().begin();
    std::advance(entry, static_cast<std::ptrdiff_t>(below(model_.secrets().size())));
    return entry->first;
  }

  std::optional<std::int64_t> some_revision(const std::string& id, Headers& headers) {
    if (!one_in(3)) return {};
    const auto found = model_.secrets().find(id);
    const std::int64_t revision =
        found == model_.secrets().end() || one_in(3) ? 77 : found->second.revision;
    headers.emplace_back("If-Match", "\"" + std::to_string(revision) + "\"");
    return revision;
  }

  void create() {
    ModelSecret wanted{.id = {},
                       .name = pick(kNames),
                       .workspace = pick(kWorkspaces),
                       .owner = who_->name,
                       .is_private = one_in(3),
                       .values = {}};
    boost::json::object values;
    for (const std::string& key : kKeys) {
      if (one_in(2)) continue;
      wanted.values[key] = std::to_string(below(100));
      values[key] = wanted.values[key];
    }
    const boost::json::object body = {{"name", wanted.name},
                                      {"scope", wanted.is_private ? "user" : "workspace"},
                                      {"values", values}};
    const Answer answer = ask({.method = "POST",
                               .path = "/api/v1/workspaces/" + wanted.workspace + "/secrets",
                               .body = boost::json::serialize(body)});
    check(answer, model_.create(*who_, wanted));
    if (answer.status != 200) return;
    wanted.id = text_of(answer.json().at("id"));
    model_.add(wanted);
    check_secret(answer, wanted, true);
  }

  void get() {
    const std::string id = some_id();
    const Answer answer = ask({.path = kSecrets + ("/" + id)});
    check(answer, model_.get(*who_, id));
    if (answer.status == 200) check_secret(answer, model_.secrets().at(id), false);
  }

  void update() {
    const std::string id = some_id();
    ModelChange change;
    boost::json::object body;
    if (one_in(3)) body["name"] = *(change.name = pick(kNames));
    if (one_in(4)) body["scope"] = *(change.is_private = one_in(2)) ? "user" : "workspace";
    const bool merges = one_in(2);
    if (one_in(2)) {
      change.has_values = true;
      change.replaces = !merges;
      boost::json::object& values = body["values"].emplace_object();
      for (const std::string& key : kKeys) {
        if (one_in(3)) continue;
        if (one_in(3))
          change.values[key] = std::nullopt, values[key] = nullptr;
        else
          change.values[key] = std::to_string(below(100)), values[key] = *change.values[key];
      }
    }
    Headers headers;
    change.if_revision = some_revision(id, headers);
    const Answer answer = ask({.method = "PUT",
                               .path = kSecrets + ("/" + id) + (merges ? "?patch_values=true" : ""),
                               .body = boost::json::serialize(body),
                               .headers = headers});
    check(answer, model_.update(*who_, id, change));
    if (answer.status == 200) check_secret(answer, model_.secrets().at(id), true);
  }

  void remove() {
    const std::string id = some_id();
    Headers headers;
    const auto if_revision = some_revision(id, headers);
    const Answer answer =
        ask({.method = "DELETE", .path = kSecrets + ("/" + id), .headers = headers});
    check(answer, model_.remove(*who_, id, if_revision));
  }

  void list() {
    const std::string name = pick(kNames);
    const bool filters = one_in(2);
    const std::string query = filters ? "&name=startswith:" + percent_encoded(name) : "";
    const Answer answer = ask({.path = kSecrets + ("?size=10000&sort_by=name" + query)});
    check(answer, 200);
    std::set<std::string> expected;
    for (const auto& [id, secret] : model_.secrets()) {
      if (model_.is_visible(*who_, secret) && (!filters || secret.name.starts_with(name)))
        expected.insert(id);
    }
    std::set<std::string> listed;
    std::string last;
    const boost::json::value page = answer.json();
    for (const auto& item : page.at("items").as_array()) {
      listed.insert(text_of(item.at("id")));
      CHECK(item.at("values") == boost::json::object());
      CHECK(last <= text_of(item.at("name")));
      last = text_of(item.at("name"));
    }
    INFO(last_);
    CHECK(listed == expected);
    CHECK(static_cast<std::size_t>(page.at("total").as_int64()) == expected.size());
  }

  static std::string percent_encoded(const std::string& text) {
    constexpr const char* digits = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      encoded += {'%', digits[byte >> 4], digits[byte & 15]};
    }
    return encoded;
  }

  void check(const Answer& answer, int status) const {
    INFO(last_);
    INFO(answer.body);
    REQUIRE(answer.status == status);
  }

  /// `whole`: a reply to who wrote it.
  void check_secret(const Answer& answer, const ModelSecret& secret, bool whole) const {
    INFO(last_);
    INFO(answer.body);
    const boost::json::value shown = answer.json();
    CHECK(shown.at("name") == boost::json::value(secret.name));
    CHECK(shown.at("scope") == (secret.is_private ? "user" : "workspace"));
    CHECK(shown.at("revision") == secret.revision);
    CHECK(answer.header("ETag") == "\"" + std::to_string(secret.revision) + "\"");
    const bool reads = whole || who_->role_in(secret.workspace) >= ModelRole::reader;
    boost::json::object values;
    for (const auto& [key, value] : secret.values) {
      if (reads)
        values[key] = value;
      else
        values[key] = nullptr;
    }
    CHECK(shown.at("values") == values);
  }

  std::mt19937 random_;
  std::vector<ModelPrincipal> principals_;
  std::map<std::string, std::string> tokens_;
  RunningServer server_;
  Connection connection_;
  Model model_;
  const ModelPrincipal* who_ = nullptr;
  std::string last_;
};

}  // namespace

TEST_SUITE("server/model") {
  TEST_CASE("random operations by several principals are answered as a model of the rules says") {
    const std::uint32_t seed = seed_of_this_run();
    CAPTURE(seed);
    Comparison comparison(seed);
    for (int i = 0; i < kOperations; ++i) {
      CAPTURE(i);
      comparison.step();
      if (i % 500 == 499) comparison.check_all();
    }
  }
}
