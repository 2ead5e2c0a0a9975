// SPDX-License-Identifier: Apache-2.0
// What a host counts is what docs/reference/http.md says that it counts.
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "server_place.hpp"

using namespace kist::testing;

namespace {

/// Names of metrics, each with those of its labels.
using Labels = std::map<std::string, std::set<std::string>>;

/// The words between backticks.
std::set<std::string> quoted_words(std::string_view text) {
  std::set<std::string> words;
  while (true) {
    const std::size_t start = text.find('`'), end = text.find('`', start + 1);
    if (end == std::string_view::npos) return words;
    words.emplace(text.substr(start + 1, end - start - 1));
    text.remove_prefix(end + 1);
  }
}

Labels documented() {
  Labels found;
  std::istringstream page(read_file(KIST_HTTP_PAGE));
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("| `kist_")) continue;
    const std::size_t second = line.find('|', 1), third = line.find('|', second + 1);
    const std::set<std::string> labels =
        quoted_words(std::string_view(line).substr(second, third - second));
    for (const std::string& name : quoted_words(std::string_view(line).substr(0, second)))
      CHECK(found.emplace(name, labels).second);
  }
  return found;
}

/// The labels of a line `name{a="…",b="…"} 1`; no value holds a quote or a comma.
std::set<std::string> labels_of(std::string_view line) {
  std::set<std::string> labels;
  std::size_t start = line.find('{');
  while (start != std::string_view::npos) {
    const std::size_t end = line.find('=', start);
    labels.emplace(line.substr(start + 1, end - start - 1));
    start = line.find(',', end);
  }
  labels.erase("le");  // Of each histogram.
  return labels;
}

Labels counted(const std::string& metrics) {
  Labels found;
  std::istringstream lines(metrics);
  std::string name;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# TYPE "))
      name = line.substr(7, line.rfind(' ') - 7);
    else if (!line.starts_with('#'))
      found[name].merge(labels_of(line));
  }
  return found;
}

}  // namespace

TEST_SUITE("server/metrics") {
  TEST_CASE("the table of metrics in the documents is what /metrics gives, labels too") {
    const RunningServer server;
    server.create("db");
    CHECK(counted(server.get("/metrics").body) == documented());
  }
}
