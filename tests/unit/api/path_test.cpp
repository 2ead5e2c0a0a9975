// SPDX-License-Identifier: Apache-2.0
#include "api/path.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "../secrets/failure_of.hpp"

namespace kist::api {
namespace {

/// The segments, each in brackets, or the failure.
std::string segments_of(const std::string& text) {
  std::string shown;
  const std::string failure = core::testing::failure_of([&] {
    const Path path(text);
    for (std::size_t i = 0; i < path.size() && i < Path::kMaxKept; ++i)
      shown += "[" + std::string(path[i]) + "]";
    if (path.size() > Path::kMaxKept) shown += "…";
  });
  return failure.empty() ? shown : failure;
}

TEST_SUITE("host/api/path") {
  TEST_CASE("a path is its segments, each decoded once") {
    CHECK(segments_of("/") == "");
    CHECK(segments_of("/health") == "[health]");
    CHECK(segments_of("/api/v1/secrets/3F-a_b~c") == "[api][v1][secrets][3F-a_b~c]");
    CHECK(segments_of("/%61%62c/d%20e/%C3%A9/+") == "[abc][d e][\u00E9][+]");
    CHECK(segments_of("/\u00E9/a.b/.a/..a") == "[\u00E9][a.b][.a][..a]");
    CHECK(segments_of("/1/2/3/4/5/6/7/8") == "[1][2][3][4][5][6][7][8]");
    CHECK(segments_of("/1/2/3/4/5/6/7/8/9") == "[1][2][3][4][5][6][7][8]…");
  }

  TEST_CASE("AT-01: what two readers could understand differently is refused, never normalised") {
    const std::string place = "invalid_argument: the segment ";
    struct Case {
      std::string path;
      std::string failure;
    };
    const std::string empty =
        "invalid_argument: a segment of the path is empty; expected no '//' and no '/' at its end";
    const Case cases[] = {
        {"", "invalid_argument: the path '' does not begin with '/'"},
        {"*", "invalid_argument: the path '*' does not begin with '/'"},
        {"http://x/y", "invalid_argument: the path 'http://x/y' does not begin with '/'"},
        {"//", empty},
        {"/a//b", empty},
        {"/a/", empty},
        {"/a/./b", place + "'.' of the path ends with '.'"},
        {"/a/../b", place + "'..' of the path ends with '.'"},
        {"/a/%2e%2e/b", place + "'..' of the path ends with '.'"},
        {"/a/.%2E", place + "'..' of the path ends with '.'"},
        {"/a/b.", place + "'b.' of the path ends with '.'"},
        {"/a/b%2e", place + "'b.' of the path ends with '.'"},
        {"/a%2Fb", place + "'a/b' of the path holds '/'; a name with it cannot stand here"},
        {"/a%2fb", place + "'a/b' of the path holds '/'; a name with it cannot stand here"},
        {"/a\\b", place + "'a\\b' of the path holds '\\'; a name with it cannot stand here"},
        {"/a%5cb", place + "'a\\b' of the path holds '\\'; a name with it cannot stand here"},
        {"/a;x=1", place + "'a;x=1' of the path holds ';'; a name with it cannot stand here"},
        {"/a%3Bx", place + "'a;x' of the path holds ';'; a name with it cannot stand here"},
        {"/%252e%252e", place + "'%2e%2e' of the path holds '%'; a name with it cannot stand here"},
        {"/%252F", place + "'%2F' of the path holds '%'; a name with it cannot stand here"},
        {"/a%", place + "'a%' of the path holds a '%' without two hexadecimal digits behind it"},
        {"/a%4", place + "'a%4' of the path holds a '%' without two hexadecimal digits behind it"},
        {"/a%4g/b",
         place + "'a%4g' of the path holds a '%' without two hexadecimal digits behind it"},
        {"/a%+1",
         place + "'a%+1' of the path holds a '%' without two hexadecimal digits behind it"},
        {"/a%00b", place + "'a\\x00b' of the path holds the control character U+0000"},
        {std::string("/a\0b", 4),
         place + "'a\\x00b' of the path holds the control character U+0000"},
        {"/a%0d%0ab", place + "'a\\x0d\\x0ab' of the path holds the control character U+000D"},
        {"/a%7F", place + "'a\\x7f' of the path holds the control character U+007F"},
        {"/a%C2%85", place + "'a\\xc2\\x85' of the path holds the control character U+0085"},
        {"/%C0%AE%C0%AE", place + "'\\xc0\\xae\\xc0\\xae' of the path is not valid UTF-8"},
        {"/%E0%80%AF", place + "'\\xe0\\x80\\xaf' of the path is not valid UTF-8"},
        {"/%ED%A0%80", place + "'\\xed\\xa0\\x80' of the path is not valid UTF-8"},
        {"/%F4%90%80%80", place + "'\\xf4\\x90\\x80\\x80' of the path is not valid UTF-8"},
        {"/a%C3/%A9", place + "'a\\xc3' of the path is not valid UTF-8"},
        {"/\xFF", place + "'\\xff' of the path is not valid UTF-8"},
        {"/%20a", place + "' a' of the path begins with white space (U+0020)"},
        {"/1/2/3/4/5/6/7/8/9/10/..", place + "'..' of the path ends with '.'"},
    };
    for (const Case& c : cases) {
      CAPTURE(c.path);
      CHECK(segments_of(c.path) == c.failure);
    }
  }

  TEST_CASE("a segment is at most as long as a name") {
    CHECK(segments_of("/" + std::string(255, 'a')) == "[" + std::string(255, 'a') + "]");
    CHECK(segments_of("/" + std::string(256, 'a')).find("has 256 characters") != std::string::npos);
  }
}

}  // namespace
}  // namespace kist::api
