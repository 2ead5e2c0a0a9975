// SPDX-License-Identifier: Apache-2.0
#include "config/interpolation.hpp"

#include <string>

#include <doctest/doctest.h>

#include <kist/error.hpp>

#include "message_of.hpp"

using namespace kist::core;
using kist::core::testing::message_of;

namespace {

struct Result {
  std::string text, references;
};

Result resolve(const std::string& text) {
  static const Environment kEnvironment = {{"A", "alpha"}, {"EMPTY", ""}, {"NESTED", "${env:A}"}};
  const FileReader read_file = [](const std::filesystem::path& path, std::size_t bytes_max) {
    if (path == "/etc/kist/line") return kist::SecretValue("content\n");
    if (path == "/etc/kist/two") return kist::SecretValue("content\n\n");
    if (path == "/etc/kist/windows") return kist::SecretValue("content\r\n");
    if (path == "/abs") return kist::SecretValue("absolute");
    if (path == "/etc/kist/large") return kist::SecretValue(std::string(bytes_max, 'x'));
    throw kist::Error(kist::ErrorCode::not_found, "no '" + path.native() + "'");
  };
  const InterpolatedText result = interpolate(text, {kEnvironment, read_file, "/etc/kist"});
  return {std::string(result.text.reveal()), result.references};
}

}  // namespace

TEST_SUITE("core/config/interpolation") {
  TEST_CASE("references are replaced by variables and files, once") {
    struct Case {
      std::string text, expected, references;
    };
    const Case cases[] = {
        {"", "", ""},
        {"plain $ {} $x $", "plain $ {} $x $", ""},
        {"${env:A}", "alpha", "${env:A}"},
        {"<${env:A}|${env:A}>", "<alpha|alpha>", "${env:A}, ${env:A}"},
        {"x${env:EMPTY}y", "xy", "${env:EMPTY}"},
        {"${env:NESTED}", "${env:A}", "${env:NESTED}"},
        {"$${env:A}", "${env:A}", ""},
        {"$$${env:A}", "$${env:A}", ""},
        {"a$${b${env:A}", "a${balpha", "${env:A}"},
        {"${file:line}", "content", "${file:line}"},
        {"${file:two}", "content\n", "${file:two}"},
        {"${file:windows}", "content", "${file:windows}"},
        {"${file:/abs}!", "absolute!", "${file:/abs}"},
    };
    for (const Case& c : cases) {
      CAPTURE(c.text);
      const Result result = resolve(c.text);
      CHECK(result.text == c.expected);
      CHECK(result.references == c.references);
    }
  }

  TEST_CASE("a reference that cannot be resolved is refused by name") {
    struct Case {
      std::string text, expected;
    };
    const Case cases[] = {
        {"${env:MISSING}", "${env:…} names the environment variable 'MISSING', which is not set"},
        {"${env:A", "'${' is not closed; a plain '${' is written '$${'"},
        {"${", "'${' is not closed; a plain '${' is written '$${'"},
        {"${}", "a reference is written ${env:NAME} or ${file:PATH}, and a plain '${' as '$${'"},
        {"${A}", "a reference is written ${env:NAME} or ${file:PATH}, and a plain '${' as '$${'"},
        {"${env:}", "the reference ${env:} names nothing"},
        {"${evn:A}", "unknown kind of reference in '${…}'; did you mean 'env'? Allowed: env, file"},
        {"pa${sswo:rd}", "unknown kind of reference in '${…}'. Allowed: env, file"},
        {"${file:none}", "no '/etc/kist/none'"},
        {std::string("${file:a\0b}", 11),
         "the name in ${file:…} must be UTF-8 without control characters"},
        {"${file:large}x",
         "the text is longer than 1048576 bytes once its references are resolved"},
    };
    for (const Case& c : cases) {
      CAPTURE(c.text);
      CHECK(message_of([&] { resolve(c.text); }) == c.expected);
    }
    CHECK(resolve("${file:large}").text.size() == kInterpolatedBytesMax);
  }
}
