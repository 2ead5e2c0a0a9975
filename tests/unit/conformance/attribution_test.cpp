// SPDX-License-Identifier: Apache-2.0
#include "conformance/attribution.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace kist::core;

namespace {

CaseResult result_of(const std::string& rule, Verdict verdict, const std::string& group = "group") {
  CaseResult result;
  result.of = {group, rule, rule + ": a case"};
  result.verdict = verdict;
  result.reason = "how it ended";
  return result;
}

/// "broken not judged holds": the verdicts of the cases, in their order.
std::string verdicts(std::vector<CaseResult> results) {
  attribute_failures(results);
  std::string text;
  for (const CaseResult& result : results)
    text += (text.empty() ? "" : ", ") + std::string(to_string(result.verdict));
  return text;
}

}  // namespace

TEST_SUITE("conformance/attribution") {
  TEST_CASE("what follows from a broken rule is not judged, and says from which") {
    std::vector<CaseResult> results = {result_of("KP-5", Verdict::broken),
                                       result_of("ST-1", Verdict::broken)};
    attribute_failures(results);
    CHECK(results[0].verdict == Verdict::not_judged);
    CHECK(results[0].reason == "it rests on ST-1, which does not hold");
    CHECK(results[1].verdict == Verdict::broken);
    CHECK(results[1].reason == "how it ended");
  }

  TEST_CASE("a failure stands where all that it rests on holds, or was not run") {
    CHECK(verdicts({result_of("KP-5", Verdict::broken)}) == "broken");
    CHECK(verdicts({result_of("ST-1", Verdict::holds), result_of("KP-5", Verdict::broken)}) ==
          "holds, broken");
    CHECK(verdicts({result_of("ST-1", Verdict::broken), result_of("KP-5", Verdict::holds)}) ==
          "broken, holds");
    CHECK(verdicts({result_of("KP-5", Verdict::broken), result_of("KP-14", Verdict::broken)}) ==
          "broken, broken");
  }

  TEST_CASE("a rule is a cause also where it follows from another") {
    // KP-11 rests on KP-13, which rests on ST-6.
    CHECK(verdicts({result_of("KP-11", Verdict::broken), result_of("KP-13", Verdict::broken),
                    result_of("ST-6", Verdict::broken)}) == "not judged, not judged, broken");
  }

  TEST_CASE("a rule that is a quirk explains what follows from it") {
    CHECK(verdicts({result_of("KP-13", Verdict::quirk), result_of("KP-4", Verdict::broken)}) ==
          "quirk, not judged");
    CHECK(verdicts({result_of("KP-13", Verdict::broken), result_of("KP-4", Verdict::quirk)}) ==
          "broken, not judged");
  }

  TEST_CASE("random operations rest on the rules of all operations, but not on their own") {
    CHECK(verdicts({result_of("ST-2", Verdict::broken, "model"),
                    result_of("ST-10", Verdict::broken)}) == "not judged, broken");
    CHECK(verdicts({result_of("ST-2", Verdict::broken, "model"),
                    result_of("ST-2", Verdict::broken)}) == "broken, broken");
    CHECK(verdicts({result_of("ST-2", Verdict::broken, "model")}) == "broken");
  }
}
