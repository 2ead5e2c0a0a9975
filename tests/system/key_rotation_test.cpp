// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <string>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include "kist_process.hpp"

using namespace kist::testing;
namespace fs = std::filesystem;

namespace {

/// One of several hosts that share a store: with a configuration and a keyring file of its own.
class Host {
 public:
  Host(const Workplace& workplace, const std::string& name) : workplace_(workplace), name_(name) {
    configure("");
  }

  fs::path keyring() const { return workplace_.path() / (name_ + "-keyring"); }
  /// `members` of "sealing" beside the keyring.
  void configure(const std::string& members) const {
    workplace_.write(name_ + ".json",
                     R"({"secrets_store": {"type": "sqlite", "path": "secrets.db"}, "sealing": {)"
                     R"("keyring": ")" +
                         name_ + "-keyring\"" + (members.empty() ? "" : ", ") + members + "}}\n");
  }
  Ended kist(Words words, const std::string& input = {}) const {
    words.insert(words.end(), {"--config", name_ + ".json"});
    return workplace_.kist(words, input);
  }
  std::string done(const Words& words, const std::string& input = {}) const {
    const Ended ended = kist(words, input);
    INFO(ended.err);
    REQUIRE(ended.exit_code == 0);
    return ended.out;
  }
  void take_keyring_of(const Host& other) const {
    fs::copy_file(other.keyring(), keyring(), fs::copy_options::overwrite_existing);
  }
  /// The id of the key that it seals with.
  std::string key() const {
    const auto info = boost::json::parse(done({"store", "info", "--output", "json"}));
    return text_of(info.at("sealing").at("key"));
  }

 private:
  const Workplace& workplace_;
  std::string name_;
};

}  // namespace

TEST_SUITE("system/key_rotation") {
  TEST_CASE("hosts that share a store get a new key one by one, and each reads all all the while") {
    const Workplace workplace;
    const Host a(workplace, "a"), b(workplace, "b");
    a.done({"keys", "init"});
    b.take_keyring_of(a);
    int number = 0;
    const auto each_reads_what_the_other_writes = [&] {
      for (const Host* const writer : {&a, &b}) {
        const std::string name = "s" + std::to_string(++number);
        writer->done({"secret", "create", name, "k=-"}, name);
        for (const Host* const reader : {&a, &b}) {
          for (int i = 1; i <= number; ++i) {
            const std::string earlier = "s" + std::to_string(i);
            CHECK(reader->done({"secret", "get", earlier, "--key", "k"}) == earlier);
          }
        }
      }
    };
    each_reads_what_the_other_writes();

    const std::string pin = R"("current": "k1")";
    a.configure(pin);
    b.configure(pin);
    const std::string said = a.done({"keys", "rotate", "--add-only"});
    const std::string start =
        "Added key 'k2' to keyring file '" + a.keyring().native() + "', fingerprint ";
    REQUIRE(said.starts_with(start));
    CHECK(
        said.substr(start.size() + 8) ==
        ". Key 'k1' stays the current one.\n"
        "Copy the file to all hosts that share the store, and to where you keep its copy, and "
        "start the hosts again.\n"
        "When all of them have the new key, take  \"current\": \"k1\"  out of \"sealing\" on each, "
        "and start it again: it then seals with the new key.\n");
    each_reads_what_the_other_writes();
    b.take_keyring_of(a);
    each_reads_what_the_other_writes();
    b.configure("");
    CHECK(a.key() == "k1");
    CHECK(b.key() == "k2");
    each_reads_what_the_other_writes();
    a.configure("");
    CHECK(a.key() == "k2");
    each_reads_what_the_other_writes();
    b.done({"keys", "rewrap"});
    each_reads_what_the_other_writes();
  }

  TEST_CASE("a key is added only where the configuration says which one stays current") {
    const Workplace workplace;
    const Host host(workplace, "a");
    host.done({"keys", "init"});
    const std::string before = read_file(host.keyring());
    const Ended unnamed = host.kist({"keys", "rotate", "--add-only"});
    CHECK(unnamed.exit_code == 6);
    CHECK(unnamed.err ==
          "kist: failed_precondition: a new key in keyring file '" + host.keyring().native() +
              "' would be the current one at the next start: 'sealing.current' of 'a.json' names "
              "none\n  say  \"current\": \"k1\"  in \"sealing\" there, and on all hosts that share "
              "the store, and repeat 'kist keys rotate --add-only'\n");
    host.configure(R"("current": "k7")");
    const Ended unknown = host.kist({"keys", "rotate", "--add-only"});
    CHECK(unknown.exit_code == 6);
    CHECK(unknown.err ==
          "kist: failed_precondition: key 'k7' of 'sealing.current' is not in the keyring\n");
    CHECK(read_file(host.keyring()) == before);

    host.configure(R"("current": "k1")");
    const auto made =
        boost::json::parse(host.done({"keys", "rotate", "--add-only", "--output", "json"}));
    CHECK(made.at("id") == "k2");
    CHECK(made.at("current") == false);
    CHECK(host.key() == "k1");
  }

  TEST_CASE("a dry run with a limit ends, and a rewrap of nothing says so in numbers") {
    const Workplace workplace;
    const Ended empty = workplace.kist({"keys", "rewrap"});
    CHECK(empty.err.ends_with("kist: 0 of 0: rewrapped 0, skipped 0, unsealed 0, failed 0\n"));
    for (const char* const name : {"s1", "s2"})
      workplace.done({"secret", "create", name, "k=-"}, "v");
    workplace.done({"keys", "rotate"});
    const std::string numbers =
        "scanned    1\nrewrapped  1\nskipped    0\nunsealed   0\nfailed     0\nremaining  1\n";
    CHECK(workplace.done({"keys", "rewrap", "--dry-run", "--limit", "1"}) ==
          numbers +
              "Nothing was changed: this was a dry run.\n"
              "This run has not come to all secrets; the next dry run begins anew, so leave out "
              "--limit to see all.\n");
    CHECK(workplace.done({"keys", "rewrap", "--limit", "1"}) ==
          numbers +
              "This run has not come to all secrets: repeat the command until none remains.\n");
  }
}
