// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>

#include "access/token.hpp"
#include "kist_process.hpp"
#include "secrets/time_text.hpp"

using namespace kist::testing;
using kist::core::TokenHash;
namespace core = kist::core;

namespace {

constexpr std::string_view kStore = R"("secrets_store": {"type": "sqlite", "path": "secrets.db"})";

std::string with_principals(const std::string& principals) {
  return "{" + std::string(kStore) + ", \"principals\": [" + principals + "]}";
}

/// The lines that are indented: the token, and what to put into the configuration.
std::vector<std::string> shown(const std::string& out) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < out.size();) {
    const std::size_t end = out.find('\n', begin);
    if (out.compare(begin, 2, "  ") == 0) lines.push_back(out.substr(begin + 2, end - begin - 2));
    begin = end + 1;
  }
  return lines;
}

bool belongs(const std::string& hash, const std::string& token, const std::string& name) {
  const auto kept = TokenHash::parse(hash);
  REQUIRE(kept);
  return core::token_mac(core::principal_key(*kept, name), token) == kept->mac;
}

bool is_token(const std::string& text) {
  return text.size() == core::kTokenSize && text.starts_with("kist_") && text[13] == '_';
}

std::chrono::seconds from_now(const boost::json::value& time) {
  const auto written = core::parse_time(text_of(time));
  REQUIRE(written);
  return std::chrono::round<std::chrono::seconds>(written->time - std::chrono::system_clock::now());
}

}  // namespace

TEST_SUITE("kist token new") {
  TEST_CASE("it needs no configuration, and prints a token and what to keep of it") {
    const Workplace workplace;
    std::filesystem::remove(workplace.path() / "kist.json");
    const Ended ended = workplace.kist({"token", "new", "deploy", "--expires-in", "90d"});
    CHECK(ended.exit_code == 0);
    CHECK(ended.err == "");
    CHECK(ended.out.find("For \"principals\" in kist.json:") != std::string::npos);
    const auto lines = shown(ended.out);
    REQUIRE(lines.size() == 2);
    CHECK(is_token(lines[0]));
    const auto principal = boost::json::parse(lines[1]);
    CHECK(principal.at("name") == "deploy");
    CHECK(belongs(text_of(principal.at("token_hash")), lines[0], "deploy"));
    CHECK(principal.at("roles") == boost::json::value{{"default", "reader"}});
    const auto left = from_now(principal.at("token_expires"));
    CHECK(left <= std::chrono::days(90));
    CHECK(left >= std::chrono::days(90) - std::chrono::minutes(10));
  }

  TEST_CASE("what it prints can be put into a configuration as it is") {
    const Workplace workplace;
    workplace.configure(R"({"secrets_store": {"type": "sqlite", "path": "secrets.db"},
                            "workspaces": ["research", "other"]})");
    for (const std::string name :
         {"deploy", "\u00e9\U0001F511", "a \"b\" \\ c", "${env:NAME}", "$${x"}) {
      CAPTURE(name);
      const auto lines = shown(workplace.done({"token", "new", name, "--expires-in", "1w"}));
      REQUIRE(lines.size() == 2);
      CHECK(lines[1].find("\"roles\": { \"research\": \"reader\" }") != std::string::npos);
      const Workplace other;
      other.configure("{" + std::string(kStore) +
                      R"(, "workspaces": ["research"], "principals": [)" + lines[1] + "]}");
      other.done({"config", "check"});
      // It is found again under its name, so the name was written as it is meant.
      const auto again = shown(other.done({"token", "new", name, "--expires-in", "1w"}));
      REQUIRE(again.size() == 2);
      CHECK(again[1].starts_with("\"token_hash\": "));
    }
  }

  TEST_CASE("of a principal that is there it prints the two members, and says where they go") {
    const Workplace workplace;
    workplace.configure(with_principals(R"({"name": "alice", "roles": {"*": "admin"}})"));
    const std::string first = workplace.done({"token", "new", "alice", "--expires-in", "1h"});
    CHECK(first.find("For the principal \"alice\" in kist.json:") != std::string::npos);
    const auto lines = shown(first);
    REQUIRE(lines.size() == 2);
    const auto members = boost::json::parse("{" + lines[1] + "}").as_object();
    CHECK(members.size() == 2);
    CHECK(belongs(text_of(members.at("token_hash")), lines[0], "alice"));
    CHECK(members.contains("token_expires"));

    workplace.configure(
        with_principals(R"({"name": "alice", "roles": {"*": "admin"}, )" + lines[1] + "}"));
    const Ended second = workplace.kist({"token", "new", "alice"});
    CHECK(second.out.find("in place of the token that it has") != std::string::npos);
    CHECK(second.err ==
          "kist: warning: the token of 'alice' does not expire; --expires-in 90d gives one that "
          "does\nkist: warning: take the 'token_expires' of the token before out of kist.json\n");
    const Ended refused = workplace.kist({"token", "new", "alice", "--role", "reader"});
    CHECK(refused.exit_code == 2);
    CHECK(refused.out == "");
    CHECK(refused.err.find("kist.json has a principal 'alice' with its roles; --role and "
                           "--workspace are for a new one") != std::string::npos);
  }

  TEST_CASE("programs get an object of token and principal, and the warning on standard error") {
    const Workplace workplace;
    const Ended ended = workplace.kist(
        {"token", "new", "ci", "--role", "writer", "--workspace", "*", "--output", "json"});
    CHECK(ended.exit_code == 0);
    const auto made = ended.json();
    CHECK(is_token(text_of(made.at("token"))));
    CHECK(belongs(text_of(made.at("principal").at("token_hash")), text_of(made.at("token")), "ci"));
    CHECK(made.at("principal").at("roles") == boost::json::value{{"*", "writer"}});
    CHECK_FALSE(made.at("principal").as_object().contains("token_expires"));
    CHECK(text_of(boost::json::parse(ended.err).at("warning")).find("does not expire") !=
          std::string::npos);
    CHECK(ended.err.find("kist_") == std::string::npos);
  }

  TEST_CASE("the token is on standard output alone, and no two are alike") {
    const Workplace workplace;
    const Ended one = workplace.kist({"token", "new", "a", "--verbose"});
    const Ended two = workplace.kist({"token", "new", "a", "--verbose"});
    CHECK(shown(one.out).at(0) != shown(two.out).at(0));
    CHECK(one.err.find("kist_") == std::string::npos);
    for (const auto& entry : std::filesystem::directory_iterator(workplace.path()))
      CHECK(read_file(entry.path()).find(shown(one.out).at(0)) == std::string::npos);
    CHECK(workplace.run({.words = {"token", "new", "a"}, .output_file = "/dev/full"}).exit_code ==
          7);
  }

  TEST_CASE("an end may be a duration or a time (AT-14)") {
    const Workplace workplace;
    const auto expiry_of = [&](const std::string& option, const std::string& text) {
      return workplace.done_json({"token", "new", "a", option, text})
          .at("principal")
          .at("token_expires");
    };
    struct Case {
      const char* text;
      std::chrono::seconds size;
    };
    for (const Case& c :
         {Case{"3600s", std::chrono::hours(1)}, Case{"45m", std::chrono::minutes(45)},
          Case{"12h", std::chrono::hours(12)}, Case{"90d", std::chrono::days(90)},
          Case{"8w", std::chrono::weeks(8)}, Case{"0100d", std::chrono::days(100)}}) {
      CAPTURE(c.text);
      const auto left = from_now(expiry_of("--expires-in", c.text));
      CHECK(left <= c.size);
      CHECK(left >= c.size - std::chrono::minutes(10));
    }
    CHECK(expiry_of("--expires", "2999-01-31T12:00:00.999Z") == "2999-01-31T12:00:00Z");
    CHECK(expiry_of("--expires", "2999-01-31T12:00:00+02:00") == "2999-01-31T10:00:00Z");
    CHECK(expiry_of("--expires", "9999-12-31 23:59:59") == "9999-12-31T23:59:59Z");
  }

  TEST_CASE("what is no end, no role or no name gets a sentence and no token") {
    const Workplace workplace;
    struct Case {
      Words words;
      std::string expected;
    };
    const std::string duration =
        "; expected a whole number from 1 with one of s, m, h, d, w behind it, such as '90d'";
    const std::string too_long =
        ", which ends behind the year 9999; without it the token does not expire";
    const std::string time =
        "; expected a time such as '2027-01-31T12:00:00Z', or --expires-in with a duration such as "
        "'90d'";
    const Case cases[] = {
        {{"a", "--expires-in", ""}, "--expires-in is ''" + duration},
        {{"a", "--expires-in", "90"}, "--expires-in is '90'" + duration},
        {{"a", "--expires-in", "d"}, "--expires-in is 'd'" + duration},
        {{"a", "--expires-in", "0d"}, "--expires-in is '0d'" + duration},
        {{"a", "--expires-in=-1d"}, "--expires-in is '-1d'" + duration},
        {{"a", "--expires-in", "+1d"}, "--expires-in is '+1d'" + duration},
        {{"a", "--expires-in", "1.5h"}, "--expires-in is '1.5h'" + duration},
        {{"a", "--expires-in", "1y"}, "--expires-in is '1y'" + duration},
        {{"a", "--expires-in", "1h30m"}, "--expires-in is '1h30m'" + duration},
        {{"a", "--expires-in", "NaNd"}, "--expires-in is 'NaNd'" + duration},
        {{"a", "--expires-in", "forever"}, "--expires-in is 'forever'" + duration},
        {{"a", "--expires-in", "9000000d"}, "--expires-in is '9000000d'" + too_long},
        {{"a", "--expires-in", "15250284452471w"}, "--expires-in is '15250284452471w'" + too_long},
        {{"a", "--expires-in", "18446744073709551615s"},
         "--expires-in is '18446744073709551615s'" + too_long},
        {{"a", "--expires-in", "99999999999999999999999s"},
         "--expires-in is '99999999999999999999999s'" + too_long},
        {{"a", "--expires", "tomorrow"}, "--expires is 'tomorrow'" + time},
        {{"a", "--expires", "2999-01-31"}, "--expires is '2999-01-31'" + time},
        {{"a", "--expires", "9999-12-31T23:59:59-00:01"},
         "--expires is '9999-12-31T23:59:59-00:01'" + time},
        {{"a", "--expires", "2020-01-31T12:00:00Z"},
         "--expires is '2020-01-31T12:00:00Z', which has passed"},
        {{"a", "--expires", "0001-01-01T00:00:00Z"},
         "--expires is '0001-01-01T00:00:00Z', which has passed"},
        {{"a", "--expires", "2999-01-31T12:00:00Z", "--expires-in", "1d"},
         "--expires-in and --expires are two ways of saying the same; give one"},
        {{"a", "--role", "raeder"},
         "--role is 'raeder'; did you mean 'reader'? Allowed: lister, reader, writer, admin"},
        {{"a", "--workspace", "defualt"},
         "--workspace is 'defualt', which kist.json does not name; did you mean 'default'? "
         "Allowed: *, default"},
        {{""}, "the name is empty"},
        {{"a\nb"}, "the name"},
        {{}, "something is missing behind 'kist token new'"},
        {{"a", "b"}, "there is one argument too many behind 'kist token new'"},
    };
    for (const Case& c : cases) {
      CAPTURE(c.expected);
      Words words{"token", "new"};
      words.insert(words.end(), c.words.begin(), c.words.end());
      const Ended ended = workplace.kist(words);
      CHECK(ended.exit_code == 2);
      CHECK(ended.out == "");
      CHECK(ended.err.find(c.expected) != std::string::npos);
    }
  }

  TEST_CASE("a configuration that is wrong is an error if it was named, and else a warning") {
    const Workplace workplace;
    workplace.configure(with_principals(R"({"name": "a", "token_hash": "v1.broken"})"));
    const Ended named = workplace.kist({"token", "new", "a", "--config", "kist.json"});
    CHECK(named.exit_code == 2);
    CHECK(named.out == "");
    const Ended found = workplace.kist({"token", "new", "a", "--expires-in", "1d"});
    CHECK(found.exit_code == 0);
    CHECK(shown(found.out).size() == 2);
    CHECK(found.err.find("warning: the configuration was not looked at: kist.json:1:") !=
          std::string::npos);
    CHECK(workplace.kist({"token", "new", "a", "--config", "none.json"}).exit_code == 4);
  }
}
