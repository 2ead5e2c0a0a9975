// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>

#include "kist_process.hpp"

using namespace kist::testing;

namespace {

std::string values_of(const Workplace& workplace) {
  return boost::json::serialize(
      workplace.done_json({"secret", "get", "s", "--reveal"}).at("values"));
}

}  // namespace

TEST_SUITE("system/value_sources") {
  TEST_CASE("bytes from a file and from standard input are kept as they are") {
    const Workplace workplace;
    workplace.write("value", "line\n");
    workplace.done({"secret", "create", "s", "--from-file", "f=value", "i=-"}, "typed\n");
    CHECK(values_of(workplace) == R"({"f":"line\n","i":"typed\n"})");
  }

  TEST_CASE(
      "AT-37: a value on the command line works and warns once, one from elsewhere does not warn") {
    const Workplace workplace;
    workplace.done({"store", "info"});
    const Ended warned = workplace.kist({"secret", "create", "s", "a=1", "b=x=y", "c="});
    CHECK(warned.exit_code == 0);
    CHECK(warned.err ==
          "kist: warning: a value on the command line stays in the shell's history, and others can "
          "see it in the list of processes; KEY, KEY=- and --from-file do not show it\n");
    CHECK(values_of(workplace) == R"({"a":"1","b":"x=y","c":""})");
    workplace.write("value", "2");
    const Ended silent =
        workplace.kist({"secret", "update", "s", "--from-file", "a=value", "b=-"}, "3");
    CHECK(silent.exit_code == 0);
    CHECK(silent.err.empty());
  }

  TEST_CASE("a warning is JSON, on a line of its own, if JSON was asked for") {
    const Workplace workplace;
    workplace.done({"secret", "create", "s"});
    const Ended ended = workplace.kist({"secret", "create", "s", "a=1", "--output", "json"});
    CHECK(ended.exit_code == 5);
    CHECK(ended.err.starts_with("{\"warning\":\"a value on the command line stays"));
    CHECK(ended.err.find("\n{\"error\":{\"code\":\"already_exists\",") != std::string::npos);
  }

  TEST_CASE("an env file may have comments, export, and both kinds of quotes") {
    const Workplace workplace;
    workplace.write("env",
                    "# comment\n\n  plain =  two words  \r\nexport shell=yes\nempty=\n"
                    "single='a \"b\" \\n $HOME' # why\n"
                    "double=\"a 'b' \\\"\\\\\\n\\t\\$HOME\"\nhash=a#b\nlast=no newline");
    workplace.done({"secret", "create", "s", "--from-env-file", "env"});
    CHECK(values_of(workplace) ==
          R"({"double":"a 'b' \"\\\n\t$HOME","empty":"","hash":"a#b","last":"no newline",)"
          R"("plain":"two words","shell":"yes","single":"a \"b\" \\n $HOME"})");
  }

  TEST_CASE("a bad line of an env file is named by its number and never shown") {
    struct Case {
      std::string text, message;
    };
    const Case cases[] = {
        {"a=1\nCANARY\n", "env:2: there is no '='; expected KEY=VALUE"},
        {"=CANARY\n", "env:1: there is no key before '='"},
        {"a CANARY=1\n", "env:1: the key before '=' holds a blank or a quote"},
        {"a='CANARY\n", "env:1: the single quote is not closed"},
        {"\n\na=\"CANARY\n", "env:3: the double quote is not closed on its line"},
        {"a='x' CANARY\n", "env:1: something stands behind the closing quote"},
        {"a=\"CANARY\\q\"\n",
         "env:1: a backslash is followed by none of n r t \\ \" $; between single quotes it stands "
         "for itself"},
        {"a=1\na=CANARY\n", "key 'a' is given two values"},
    };
    const Workplace workplace;
    for (const Case& item : cases) {
      workplace.write("env", item.text);
      const Ended ended = workplace.kist({"secret", "create", "s", "--from-env-file", "env"});
      CHECK(ended.err == "kist: invalid_argument: " + item.message + "\n");
      CHECK(ended.exit_code == 2);
    }
  }

  TEST_CASE("a source that cannot be read is named, and nothing is stored") {
    const Workplace workplace;
    workplace.write("large", std::string(1024 * 1024 + 1, 'x'));
    struct Case {
      Words words;
      int exit_code;
      std::string message;
    };
    const Case cases[] = {
        {{"--from-file", "a=absent"},
         4,
         "not_found: cannot read file 'absent': No such file or directory"},
        {{"--from-file", "a=/"}, 2, "invalid_argument: cannot read file '/': it is a directory"},
        {{"--from-file", "a=large"},
         7,
         "resource_exhausted: file 'large' holds more than 1048576 bytes, which no secret may"},
        {{"--from-file", "a=/dev/zero"},
         7,
         "resource_exhausted: file '/dev/zero' holds more than 1048576 bytes, which no secret may"},
        {{"--from-file", "large"}, 2, "invalid_argument: --from-file needs KEY=PATH"},
        {{"a=-", "b=-"},
         2,
         "invalid_argument: only one key can take its value from standard input"},
        {{"=x"},
         2,
         "invalid_argument: argument 1 behind the name has no key; expected KEY=VALUE, KEY=- or "
         "KEY"},
        {{"a"},
         2,
         "invalid_argument: argument 1 behind the name has no '=', so its value would be asked "
         "for, "
         "and standard input is no terminal; use KEY=- or --from-file KEY=PATH"},
    };
    for (const Case& item : cases) {
      Words words = {"secret", "create", "s"};
      words.insert(words.end(), item.words.begin(), item.words.end());
      const Ended ended = workplace.kist(words);
      CHECK(ended.err == "kist: " + item.message + "\n");
      CHECK(ended.exit_code == item.exit_code);
    }
    CHECK(workplace.kist({"secret", "get", "s"}).exit_code == 4);
  }
}
