// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <sstream>
#include <string>
#include <vector>

#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <doctest/doctest.h>

#include "conformance/conformance_report.hpp"
#include "text/printable.hpp"

using namespace kist::core;
using boost::property_tree::ptree;

namespace {

/// Every byte that there is, what closes XML's parts, and characters that XML 1.0 cannot hold.
std::string hostile_text() {
  std::string text = "]]> </failure></testcase> <!-- --> <![CDATA[ &amp; &#0; \" ' \n\t\r ";
  for (int byte = 0; byte < 256; ++byte) text += static_cast<char>(byte);
  return text + "\xed\xa0\x80 \xef\xbf\xbe \xef\xbf\xbf \xc0\xaf \xf4\x90\x80\x80 é 🔑";
}

CaseResult result_of(Verdict verdict, const std::string& text) {
  CaseResult result;
  result.of = {"group " + text, "ST-1", "ST-1: " + text};
  result.verdict = verdict;
  result.reason = text;
  result.output = text;
  result.time = std::chrono::milliseconds(1'042);
  return result;
}

/// Section 2.2 of XML 1.0: tab, line feed, carriage return, and from U+0020 on but for the
/// surrogates and U+FFFE, U+FFFF.
bool holds_only_characters_of_xml(const std::string& text) {
  const bool has_control = std::ranges::any_of(text, [](char c) {
    return static_cast<unsigned char>(c) < ' ' && c != '\t' && c != '\n' && c != '\r';
  });
  return is_utf8(text) && !has_control && text.find("\xef\xbf\xbe") == std::string::npos &&
         text.find("\xef\xbf\xbf") == std::string::npos;
}

ptree parsed(const std::string& xml) {
  std::istringstream in(xml);
  ptree tree;
  boost::property_tree::read_xml(in, tree);
  return tree;
}

}  // namespace

TEST_SUITE("conformance/junit_report") {
  TEST_CASE("each verdict is told in the words of JUnit") {
    const std::vector<CaseResult> results = {
        result_of(Verdict::holds, "a"), result_of(Verdict::does_not_apply, "b"),
        result_of(Verdict::quirk, "c"), result_of(Verdict::broken, "d")};
    CHECK(junit_report(results, "name") == R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="name" tests="4" failures="1" skipped="2" time="4.168">
  <testcase classname="group a" name="ST-1: a" time="1.042"/>
  <testcase classname="group b" name="ST-1: b" time="1.042">
    <skipped message="does not apply: b"/>
  </testcase>
  <testcase classname="group c" name="ST-1: c" time="1.042">
    <skipped message="quirk: c"/>
  </testcase>
  <testcase classname="group d" name="ST-1: d" time="1.042">
    <failure message="d">d</failure>
  </testcase>
</testsuite>
)");
  }

  TEST_CASE("whatever a plugin writes, the report is XML, and nothing is added to its elements") {
    const std::string hostile = hostile_text();
    for (const Verdict verdict :
         {Verdict::holds, Verdict::does_not_apply, Verdict::quirk, Verdict::broken}) {
      const std::vector<CaseResult> results = {result_of(verdict, hostile)};
      const std::string xml = junit_report(results, hostile);
      CHECK(holds_only_characters_of_xml(xml));
      const ptree suite = parsed(xml).get_child("testsuite");
      CHECK(suite.size() == 2);  // Its attributes, and the case.
      const ptree& test_case = suite.get_child("testcase");
      CHECK(test_case.get<std::string>("<xmlattr>.name").starts_with("ST-1: ]]> </failure>"));
      CHECK(test_case.size() == (verdict == Verdict::holds ? 1 : 2));
      if (verdict != Verdict::broken) continue;
      const std::string shown = test_case.get<std::string>("failure");
      CHECK(shown.starts_with("]]> </failure></testcase> <!-- --> <![CDATA[ &amp; &#0; \" '"));
      CHECK(shown.find("\\x00\\x01") != std::string::npos);
      CHECK(shown.ends_with("é 🔑"));
    }
  }
}
