// SPDX-License-Identifier: Apache-2.0
#include "conformance/test_configuration.hpp"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "../config/message_of.hpp"
#include "../process/script.hpp"

using namespace kist::core;
using kist::core::testing::message_of;
using kist::core::testing::Script;

namespace {

/// A file with `json` in it, and what is read there.
struct Written {
  explicit Written(std::string_view json) : file(directory.write("test.json", json)) {}
  TestConfiguration read() const { return read_test_configuration(file, {}, "/tmp/kist_test_12"); }
  std::string message() const {
    return message_of([&] { read(); });
  }

  Script directory{""};
  std::filesystem::path file;
};

}  // namespace

TEST_SUITE("conformance/test_configuration") {
  TEST_CASE("an empty one is a plugin of one store without options") {
    const TestConfiguration read = Written("{}").read();
    CHECK(!read.store);
    CHECK(!read.sealed);
    CHECK(read.multi_process);
    CHECK(read.damage_values.empty());
    CHECK(read.quirks.empty());
  }

  TEST_CASE("the store's options refer to the home of this store") {
    const Written written(R"({"sealed": true, "multi_process": false,
        "secrets_store": {"type": "dir", "root": "${env:KIST_TEST_HOME}/${env:KIST_TEST_NAME}"},
        "damage_values": ["/bin/damage", "a word"],
        "quirks": {"ST-9": "as the back-end is"}})");
    const TestConfiguration read = written.read();
    REQUIRE(read.store);
    CHECK(read.store->type == "dir");
    REQUIRE(read.store->options.size() == 1);
    CHECK(read.store->options.front().text.reveal() == "/tmp/kist_test_12/kist_test_12");
    CHECK(read.sealed);
    CHECK(!read.multi_process);
    CHECK(read.damage_values == std::vector<std::string>{"/bin/damage", "a word"});
    CHECK(read.quirks == std::map<std::string, std::string>{{"ST-9", "as the back-end is"}});
  }

  TEST_CASE("what is not known is refused with what is") {
    struct Row {
      const char* json;
      const char* message;
    };
    const Row rows[] = {
        {R"({"quirks": {"ST-99": "why"}})", "quirks.ST-99: there is no rule 'ST-99'"},
        {R"({"quirk": {}})", "did you mean 'quirks'?"},
        {R"({"sealed": "yes"})", "sealed"},
        {R"({"damage_values": "/bin/damage"})", "damage_values"},
        {R"({"secrets_store": {"type": "custom", "class_path": "x.so"}})",
         "'class_path' names a plugin"},
    };
    for (const Row& row : rows) {
      const std::string message = Written(row.json).message();
      CAPTURE(message);
      CHECK(message.find(row.message) != std::string::npos);
    }
  }

  TEST_CASE("options of a host that runs here too are not meant") {
    const Written written(R"({"secrets_store": {"type": "dir", "root": "/a"}})");
    const Environment host{{"KIST_SECRETS_STORE_ROOT", "/b"}};
    const auto read = read_test_configuration(written.file, host, "/tmp/kist_test_12");
    REQUIRE(read.store);
    REQUIRE(read.store->options.size() == 1);
    CHECK(read.store->options.front().text.reveal() == "/a");
  }
}
