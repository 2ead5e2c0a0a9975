// SPDX-License-Identifier: Apache-2.0
// What docs/reference/http.md and errors.md show is what the host answers.
#include <cstddef>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <doctest/doctest.h>

#include "api/openapi.hpp"
#include "api/routes.hpp"
#include "api_fixture.hpp"
#include "secrets/error_table.hpp"
#include "secrets/time_text.hpp"

namespace kist::api::testing {
namespace {

/// A block ```http: its first line, its headers, and what stands behind an empty line.
struct Block {
  std::string first;
  std::map<std::string, std::string> headers;
  std::string body;
};

std::vector<Block> blocks_of(const std::string& page) {
  std::vector<Block> blocks;
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    if (line != "```http") continue;
    Block block;
    std::getline(lines, block.first);
    while (std::getline(lines, line) && !line.empty() && line != "```") {
      const std::size_t colon = line.find(": ");
      block.headers[line.substr(0, colon)] = line.substr(colon + 2);
    }
    while (line != "```" && std::getline(lines, line) && line != "```") block.body += line + "\n";
    blocks.push_back(std::move(block));
  }
  return blocks;
}

/// Ids become their number in the order in which they come, times and ids of requests a word.
class Neutral {
 public:
  std::string operator()(const std::string& json) {
    boost::json::value document = boost::json::parse(json);
    change(document, "");
    return boost::json::serialize(document);
  }

 private:
  void change(boost::json::value& node, std::string_view name) {
    if (node.is_array()) {
      for (boost::json::value& item : node.get_array()) change(item, "");
    } else if (node.is_object()) {
      for (auto& member : node.get_object()) change(member.value(), member.key());
    } else if (node.is_string()) {
      change_text(node.get_string(), name);
    }
  }
  void change_text(boost::json::string& text, std::string_view name) {
    const std::string was(text);
    if (name == "request_id")
      text = "request";
    else if (was.size() == 36 && Uuid::parse(was))
      text = "id " + std::to_string(ids_.try_emplace(was, ids_.size()).first->second);
    else if (core::parse_time(was) && !was.starts_with("1970-01-01T00:00:00.000000"))
      text = "time";
  }

  std::map<std::string, std::size_t> ids_;
};

void replace_all(std::string& text, const std::string& what, const std::string& by) {
  for (std::size_t at; (at = text.find(what)) != std::string::npos;)
    text.replace(at, what.size(), by);
}

TEST_SUITE("docs/reference") {
  TEST_CASE_FIXTURE(ApiFixture, "the examples of http.md are a true run") {
    const auto blocks = blocks_of(core::testing::text_of(KIST_HTTP_PAGE));
    REQUIRE(blocks.size() >= 8);
    REQUIRE(blocks.size() % 2 == 0);
    const std::string example = "3f0c2d4e-0001-4abc-8def-0123456789ab";
    std::string id;
    Neutral promised, was;
    for (std::size_t i = 0; i < blocks.size(); i += 2) {
      const Block& request = blocks[i];
      Block reply = blocks[i + 1];
      CAPTURE(request.first);
      const std::size_t space = request.first.find(' ');
      std::string target = request.first.substr(space + 1);
      replace_all(target, example, id);
      Asked asked{.body = request.body};
      if (request.headers.contains("If-Match")) asked.if_match = request.headers.at("If-Match");
      const Got got = ask(request.first.substr(0, space), target, asked);
      if (id.empty()) id = got.text("id");
      replace_all(reply.body, example, id);
      CHECK(std::to_string(got.status) == reply.first);
      for (const auto& [name, value] : reply.headers) CHECK(got.header(name) == value);
      CHECK(was(got.body) == promised(reply.body));
    }
  }

  TEST_CASE("the table of http.md is the table of routes") {
    const std::string page = core::testing::text_of(KIST_HTTP_PAGE);
    std::size_t rows = 0;
    for (const Route& route : routes()) {
      const std::string row = "| `" + std::string(method_name(route.method)) + "` | `" +
                              std::string(route.pattern) + "` |";
      CAPTURE(row);
      CHECK(page.find("\n" + row) != std::string::npos);
    }
    for (std::size_t at = 0; (at = page.find("` | `/", at)) != std::string::npos; ++at) ++rows;
    CHECK(rows == routes().size());
  }

  TEST_CASE("the table of errors.md is the table of codes") {
    const std::string page = core::testing::text_of(KIST_ERRORS_PAGE);
    for (kist_status status = KIST_NOT_FOUND; status <= KIST_INTERNAL; ++status) {
      const core::ErrorRow& row = core::error_row(error_code_from(status));
      const std::size_t start = page.find("\n| `" + std::string(to_string(row.code)) + "` |");
      REQUIRE(start != std::string::npos);
      const std::string line = page.substr(start + 1, page.find('\n', start + 1) - start - 1);
      CAPTURE(line);
      CHECK(line.ends_with(" | " + std::to_string(row.http_status) + " | `" +
                           std::string(row.wire_name) + "` | " + std::to_string(row.exit_code) +
                           " |"));
    }
  }

  TEST_CASE("errors.md has every status that the host answers with") {
    const std::string page = core::testing::text_of(KIST_ERRORS_PAGE);
    const boost::json::value document = boost::json::parse(openapi_document());
    std::set<std::string> statuses;
    for (const auto& [path, item] : document.at("paths").as_object()) {
      for (const auto& [method, operation] : item.as_object()) {
        if (!operation.is_object()) continue;
        for (const auto& [status, reply] : operation.at("responses").as_object())
          if (status.starts_with('4') || status.starts_with('5')) statuses.emplace(status);
      }
    }
    CHECK(statuses.contains("417"));
    for (const std::string& status : statuses) {
      CAPTURE(status);
      CHECK(page.find("| " + status + " |") != std::string::npos);
    }
  }

  TEST_CASE("the table of audit.md has every action, and no other") {
    const std::string page = core::testing::text_of(KIST_AUDIT_PAGE);
    const std::size_t begin = page.find("| action | the request |");
    REQUIRE(begin != std::string::npos);
    std::istringstream rows(page.substr(begin, page.find("\n\n", begin) - begin));
    std::set<std::string> named;
    for (std::string row; std::getline(rows, row);) {
      const std::string cell = row.substr(0, row.find('|', 1));
      for (std::size_t at = cell.find('`'); at != std::string::npos; at = cell.find('`', at + 1)) {
        const std::size_t end = cell.find('`', at + 1);
        named.insert(cell.substr(at + 1, end - at - 1));
        at = end;
      }
    }
    const std::vector<std::string_view> actions = audited_actions();
    CHECK(named == std::set<std::string>(actions.begin(), actions.end()));
  }
}

}  // namespace
}  // namespace kist::api::testing
