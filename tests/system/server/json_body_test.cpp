// SPDX-License-Identifier: Apache-2.0
// AT-26: bodies that are no JSON, not the JSON that belongs here, or meant to be costly.
#include <string>

#include <doctest/doctest.h>

#include "server_place.hpp"

using namespace kist::testing;

namespace {

constexpr const char* kSecrets = "/api/v1/secrets";

std::string repeated(const std::string& text, std::size_t count) {
  std::string result;
  for (std::size_t i = 0; i < count; ++i) result += text;
  return result;
}

}  // namespace

TEST_SUITE("server/json body") {
  TEST_CASE("AT-26: what is no JSON is refused with 400 or 422, and nothing is created") {
    const RunningServer server;
    using namespace std::string_literals;
    const std::string bodies[] = {
        "{",
        "}",
        "nonsense",
        R"({"name": "s", "values": {}} trailing)",
        R"({"name": "s", "values": {}}{"name": "t"})",
        R"({"name": "s", "name": "t", "values": {}})",
        R"({"name": "s", "values": {"k": "1", "k": "2"}})",
        "\xEF\xBB\xBF{\"name\": \"s\", \"values\": {}}",
        "{\"name\": \"s\xff\", \"values\": {}}",
        "{\"name\": \"s\", \"values\": {\"k\": \"\xc0\xaf\"}}",
        "{\"name\": \"s\", \"values\": {\"k\": \"\xed\xa0\x80\"}}",
        R"({"name": "s", "values": {"k": "\ud800"}})",
        R"({"name": "s", "values": {"k": "\udc00\ud800"}})",
        "{\"name\": \"s\", \"values\": {\"k\": \"a\nb\"}}",
        "{\"name\": \"s\", \"values\": {\"k\": \"a\0b\"}}"s,
        "{\0"s,
        R"({'name': 's'})",
        R"({"name": "s", "values": {},})",
        R"({"name": "s" /* why */, "values": {}})",
        R"({"name": "s", "unknown": NaN})",
        R"({"name": "s", "unknown": 01})",
        R"({"name": "s", "unknown": +1})",
    };
    for (const std::string& body : bodies) {
      CAPTURE(std::string(body));
      const Answer answer = server.post(kSecrets, body);
      CHECK((answer.status == 400 || answer.status == 422));
      CHECK(answer.code() == "invalid_argument");
    }
    CHECK(server.get(kSecrets).json().at("total") == 0);
  }

  TEST_CASE("AT-26: JSON of another type than belongs there is 422") {
    const RunningServer server;
    const std::string path = "/api/v1/secrets/" + server.create("s");
    for (const char* const body :
         {"null", "1", "\"s\"", "[]", "true", R"({"values": {}})", R"({"name": null})",
          R"({"name": 1})", R"({"name": []})", R"({"name": "s", "scope": "planet"})",
          R"({"name": "s", "scope": 1})", R"({"name": "s", "values": []})",
          R"({"name": "s", "values": "v"})", R"({"name": "s", "values": {"k": 1}})",
          R"({"name": "s", "values": {"k": {}}})", R"({"name": "s", "values": {"k": true}})",
          R"({"name": "s", "id": 7})", R"({"name": "s", "id": "seven"})",
          R"({"name": "s", "workspace": 7})"}) {
      CAPTURE(std::string(body));
      const Answer answer = server.post(kSecrets, body);
      INFO(answer.body);
      CHECK(answer.status == 422);
      CHECK(answer.json().as_object().contains("fields"));
    }
    for (const char* const body :
         {"[]", R"({"name": 1})", R"({"scope": []})", R"({"values": 1})"}) {
      CAPTURE(std::string(body));
      CHECK(server.put(path, body).status == 422);
    }
    CHECK(server.put(path + "?patch_values=maybe", "{}").status == 422);
    CHECK(server.get(path).json().at("revision") == 1);
  }

  TEST_CASE("AT-26: fields that nobody knows are passed over, whatever they hold") {
    const RunningServer server;
    CHECK(server
              .post(kSecrets, secret_json("s", R"(, "values": {"k": "v"}, "private": false,
        "x": {"values": {"k": "w"}, "name": "t"}, "y": [1, 2.5e300, -0, null, "\u0000"])"))
              .status == 200);
    const Answer page = server.get(kSecrets);
    CHECK(page.json().at("items").at(0).at("name") == "s");
  }

  TEST_CASE("AT-26: every character that JSON can write comes back as it went") {
    const RunningServer server;
    const Answer made = server.post(
        kSecrets,
        R"({"name": "s", "values": {"k": "\u0000\u001f\u007f\u2028\"\\\/\b\f\n\r\t\ud83d\ude00\ufeff"}})");
    REQUIRE(made.status == 200);
    using namespace std::string_literals;
    CHECK(server.get("/api/v1/secrets/" + text_of(made.json().at("id")))
              .json()
              .at("values")
              .at("k") ==
          boost::json::value("\0\x1f\x7f\xe2\x80\xa8\"\\/\b\f\n\r\t\xf0\x9f\x98\x80\xef\xbb\xbf"s));
  }

  TEST_CASE("AT-26: costly bodies are refused, and memory stays bounded") {
    const RunningServer server([](ServerPlace& place) {
      place.settings["audit"] = {{"enabled", false}};
    });
    const std::string bodies[] = {
        std::string(1'000'000, '['),
        repeated("{\"a\":", 200'000),
        repeated("[[],", 100'000),
        "{" + repeated("\"\":1,", 150'000) + "\"\":1}",
        "[" + repeated("\"\",", 300'000) + "\"\"]",
        R"({"name": ")" + std::string(1'000'000, 'x') + "\"}",
        R"({"name": "s", "values": {")" + std::string(1'000'000, 'x') + "\": \"\"}}",
    };
    const auto all = [&] {
      for (const std::string& body : bodies) {
        const int status = server.post(kSecrets, body).status;
        CAPTURE(body.substr(0, 30));
        CHECK(status >= 400);
        CHECK(status < 500);
      }
    };
    all();
    // Of a number in a field that nobody knows nothing is kept.
    for (const char* const number : {"", "-", "0."}) {
      const std::string body = "{\"name\": \"n" + std::string(number) +
                               "\", \"values\": {}, \"n\": " + number +
                               std::string(1'000'000, '9') + "}";
      CHECK(server.post(kSecrets, body).status == 200);
    }
    const std::size_t before = server.process->rss_bytes();
    for (int i = 0; i < 10; ++i) all();
    if (kMeasuresMemory) CHECK(server.process->rss_bytes() < before + (8U << 20));
  }
}
