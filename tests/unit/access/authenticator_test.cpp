// SPDX-License-Identifier: Apache-2.0
#include "access/authenticator.hpp"

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "../secrets/failure_of.hpp"
#include "token_sample.hpp"

namespace kist::core {
namespace {

using testing::failure_of;
using testing::kSampleToken;
using testing::kSampleTokenHash;

const Timestamp kNow{std::chrono::sys_days(std::chrono::year(2026) / 3 / 1)};
constexpr std::chrono::microseconds kTick(1);

PrincipalSettings with_token(std::string name, SecretView token,
                             std::optional<Timestamp> expires = {}) {
  PrincipalSettings settings;
  settings.name = std::move(name);
  settings.token_hash = TokenHash::make(token, settings.name);
  settings.token_expires = expires;
  return settings;
}

PrincipalSettings named(std::string name) {
  PrincipalSettings settings;
  settings.name = std::move(name);
  return settings;
}

/// A deployment with these principals.
class House {
 public:
  explicit House(std::vector<PrincipalSettings> settings)
      : settings_(std::move(settings)),
        directory_(Uuid{}, {}, entries()),
        authenticator_(directory_, settings_) {}

  const Authenticator* operator->() const { return &authenticator_; }
  const Directory& directory() const { return directory_; }

  /// Their name, or "nobody".
  std::string by_token(std::string_view token, Timestamp now = kNow) const {
    return name_of(authenticator_.by_token(token, now));
  }
  static std::string name_of(const Principal* principal) {
    return principal == nullptr ? "nobody" : principal->name;
  }

 private:
  std::vector<PrincipalEntry> entries() const {
    std::vector<PrincipalEntry> entries;
    for (const PrincipalSettings& settings : settings_)
      entries.push_back({settings.name, settings.id, {}});
    return entries;
  }

  std::vector<PrincipalSettings> settings_;
  Directory directory_;
  Authenticator authenticator_;
};

std::string text_of(const SecretValue& token) { return std::string(token.reveal()); }

TEST_SUITE("core/access/authenticator") {
  TEST_CASE("a token is its principal's") {
    const SecretValue alice = new_token(), bob = new_token();
    const House house(
        {with_token("alice", alice.view()), with_token("bob", bob.view()), named("carol")});
    CHECK(house.by_token(alice.reveal()) == "alice");
    CHECK(house.by_token(bob.reveal()) == "bob");
    CHECK(house->by_token(bob.reveal(), kNow) == house.directory().find_principal("bob"));
    CHECK(house.by_token(new_token().reveal()) == "nobody");
  }

  TEST_CASE("whatever is not the whole token is nobody's") {
    const SecretValue token = new_token();
    const House house({with_token("alice", token.view())});
    const std::string right = text_of(token);
    for (std::size_t place = 0; place < right.size(); ++place) {
      CAPTURE(place);
      std::string wrong = right;
      wrong[place] = wrong[place] == 'a' ? 'b' : 'a';
      CHECK(house.by_token(wrong) == "nobody");
      CHECK(house.by_token(right.substr(0, place)) == "nobody");
      CHECK(house.by_token(right.substr(place + 1)) == "nobody");
    }
    std::string upper = right;
    for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    for (const std::string& wrong :
         {right + "a", right + " ", " " + right, right + '\0', upper, right + right,
          std::string(66, '\0'), std::string(66, '\xFF'), std::string(10 << 20, 'k')})
      CHECK(house.by_token(wrong) == "nobody");
    CHECK(house.by_token(right) == "alice");
  }

  TEST_CASE("without a principal nothing is anybody's") {
    const House house({});
    CHECK(house.by_token(kSampleToken) == "nobody");
    CHECK(house.by_token("") == "nobody");
    CHECK(house->by_certificate("") == nullptr);
    CHECK(house->by_socket_uid(0) == nullptr);
  }

  TEST_CASE("no part of a configuration authenticates (AT-10)") {
    const SecretValue token = new_token();
    const PrincipalSettings settings = with_token("alice", token.view());
    const std::string kept = settings.token_hash->to_string();
    const House house({settings});
    const std::string id = kept.substr(3, 8);
    for (std::size_t begin = 0; begin < kept.size(); ++begin) {
      CHECK(house.by_token(std::string_view(kept).substr(begin)) == "nobody");
      CHECK(house.by_token(std::string_view(kept).substr(begin, 66)) == "nobody");
      CHECK(house.by_token("kist_" + id + "_" + kept.substr(begin, 52)) == "nobody");
    }
  }

  TEST_CASE("a hash copied to another principal authenticates nobody (AT-10)") {
    PrincipalSettings thief = named("bob");
    thief.token_hash = TokenHash::parse(kSampleTokenHash);
    CHECK(House({thief}).by_token(kSampleToken) == "nobody");
    thief.name = "alice";
    CHECK(House({thief}).by_token(kSampleToken) == "alice");
    for (const char* const name : {"alic", "alicee", "Alice", "alice\u0301"}) {
      CAPTURE(name);
      thief.name = name;
      CHECK(House({thief}).by_token(kSampleToken) == "nobody");
    }
  }

  TEST_CASE("a token is none from the instant on at which it expires (AT-14)") {
    const SecretView token{kSampleToken};
    const House house({with_token("alice", token, kNow)});
    CHECK(house.by_token(kSampleToken, kNow - kTick) == "alice");
    CHECK(house.by_token(kSampleToken, kNow) == "nobody");
    CHECK(house.by_token(kSampleToken, kNow + kTick) == "nobody");
    CHECK(house.by_token(kSampleToken, Timestamp::max()) == "nobody");
    CHECK(house.by_token(kSampleToken, Timestamp::min()) == "alice");
    // A clock that is set back makes it a token again, as it is for whoever believes that clock.
    CHECK(house.by_token(kSampleToken, kNow - kTick) == "alice");
  }

  TEST_CASE("expiry at the ends of time is expiry, and no expiry is none (AT-14)") {
    const SecretView token{kSampleToken};
    CHECK(House({with_token("alice", token, Timestamp{})}).by_token(kSampleToken) == "nobody");
    CHECK(House({with_token("alice", token, Timestamp::min())}).by_token(kSampleToken) == "nobody");
    CHECK(House({with_token("alice", token, Timestamp::max())}).by_token(kSampleToken) == "alice");
    CHECK(House({with_token("alice", token)}).by_token(kSampleToken) == "alice");
  }

  TEST_CASE("what is refused costs what is accepted does, whyever it is refused (AT-08)") {
    const SecretValue token = new_token(), expired = new_token();
    const std::string long_name(255, 'n');
    const SecretValue of_long_name = new_token();
    const House house({with_token("alice", token.view()),
                       with_token("bob", expired.view(), kNow - kTick),
                       with_token(long_name, of_long_name.view())});
    std::string wrong_secret = text_of(token), wrong_long = text_of(of_long_name);
    wrong_secret.back() = wrong_secret.back() == 'a' ? 'b' : 'a';
    wrong_long.back() = wrong_long.back() == 'a' ? 'b' : 'a';
    struct Case {
      const char* what;
      std::string token;
      std::string expected;
    };
    const Case cases[] = {
        {"right", text_of(token), "alice"},
        {"wrong secret", wrong_secret, "nobody"},
        {"wrong secret of a long name", wrong_long, "nobody"},
        {"expired", text_of(expired), "nobody"},
        {"unknown id", text_of(new_token()), "nobody"},
        {"empty", "", "nobody"},
        {"too short", wrong_secret.substr(1), "nobody"},
        {"huge", std::string(1 << 20, 'a'), "nobody"},
        {"no token", std::string(kTokenSize, ' '), "nobody"},
        {"not UTF-8", std::string(kTokenSize, '\xFF'), "nobody"},
    };
    for (const Case& c : cases) {
      CAPTURE(c.what);
      const TokenMacWork before = token_mac_work();
      CHECK(house.by_token(c.token) == c.expected);
      const TokenMacWork after = token_mac_work();
      CHECK(after.macs - before.macs == 1);
      CHECK(after.bytes - before.bytes == kTokenMacBytes + kTokenSize);
      CHECK(after.comparisons - before.comparisons == 1);
    }
  }

  TEST_CASE("a certificate's subject is compared byte by byte") {
    PrincipalSettings deploy = named("deploy"), acme = named("acme");
    deploy.certificate = "CN=deploy";
    acme.certificate = "CN=deploy,O=Acme\\, Inc.";
    const House house({deploy, acme});
    CHECK(House::name_of(house->by_certificate("CN=deploy")) == "deploy");
    CHECK(House::name_of(house->by_certificate("CN=deploy,O=Acme\\, Inc.")) == "acme");
    for (const std::string_view other :
         {"", "cn=deploy", "CN=Deploy", "CN=deploy ", " CN=deploy", "CN=deploy,", "CN = deploy",
          "O=Acme\\, Inc.,CN=deploy", "CN=deploy,O=Acme, Inc.", "CN=deplo", "deploy", "*"}) {
      CAPTURE(other);
      CHECK(house->by_certificate(other) == nullptr);
    }
    CHECK(house->by_certificate(std::string_view("CN=deploy\0", 10)) == nullptr);
  }

  TEST_CASE("a socket's peer is known by its exact uid") {
    PrincipalSettings root = named("root"), service = named("service");
    root.socket_uid = 0;
    service.socket_uid = 1000;
    const House house({root, service, named("other")});
    CHECK(House::name_of(house->by_socket_uid(0)) == "root");
    CHECK(House::name_of(house->by_socket_uid(1000)) == "service");
    for (const std::uint32_t uid :
         {std::uint32_t{1}, std::uint32_t{999}, std::numeric_limits<std::uint32_t>::max()})
      CHECK(house->by_socket_uid(uid) == nullptr);
  }

  TEST_CASE("one principal may be known in three ways") {
    PrincipalSettings all = with_token("all", SecretView{kSampleToken}, kNow);
    all.certificate = "CN=all";
    all.socket_uid = 7;
    const House house({all});
    CHECK(house.by_token(kSampleToken, kNow - kTick) == "all");
    CHECK(House::name_of(house->by_certificate("CN=all")) == "all");
    CHECK(House::name_of(house->by_socket_uid(7)) == "all");
  }

  TEST_CASE("a principal whose name is the id of another is not taken for that one") {
    PrincipalSettings admin = named("admin");
    admin.id = Uuid::parse("3f0c2d4e-0000-4000-8000-000000000001");
    const std::string name = admin.id->to_string();
    const House house({admin, with_token(name, SecretView{kSampleToken})});
    CHECK(house.by_token(kSampleToken) == name);
  }

  TEST_CASE("a principal that the directory does not have is a bug") {
    const Directory directory(Uuid{}, {}, {});
    const std::vector<PrincipalSettings> settings = {named("alice")};
    CHECK(failure_of([&] { Authenticator(directory, settings); }) ==
          "internal: the directory has no principal 'alice'");
  }

  TEST_CASE("many threads ask at once") {
    const SecretValue alice = new_token(), bob = new_token();
    const House house({with_token("alice", alice.view()), with_token("bob", bob.view())});
    std::vector<std::thread> threads;
    std::vector<int> wrong(4);
    for (std::size_t i = 0; i < wrong.size(); ++i) {
      threads.emplace_back([&, i] {
        for (int round = 0; round < 500; ++round) {
          wrong[i] += house.by_token(alice.reveal()) != "alice";
          wrong[i] += house.by_token(bob.reveal()) != "bob";
          wrong[i] += house.by_token(kSampleToken) != "nobody";
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(wrong == std::vector<int>(4));
  }
}

}  // namespace
}  // namespace kist::core
