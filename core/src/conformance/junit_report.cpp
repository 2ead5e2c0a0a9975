// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <string_view>

#include "conformance/conformance_report.hpp"
#include "text/printable.hpp"

namespace kist::core {
namespace {

/// XML 1.0 has no way to write most control characters, these two, nor bytes that are no UTF-8.
bool is_no_character(std::string_view one) {
  return one == "\xef\xbf\xbe" || one == "\xef\xbf\xbf";  // U+FFFE, U+FFFF
}

std::string escaped(std::string_view text) {
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t size = utf8_sequence_size(text.substr(at));
    const std::string_view one = text.substr(at, std::max<std::size_t>(size, 1));
    at += one.size();
    if (one == "<")
      out += "&lt;";
    else if (one == "&")
      out += "&amp;";
    else if (one == "\"")
      out += "&quot;";
    else if (one == "\n" || one == "\t")
      out += one;
    else if (is_no_character(one))
      out += one.back() == '\xbe' ? "\\xef\\xbf\\xbe" : "\\xef\\xbf\\xbf";
    else
      out += printable(one);
  }
  return out;
}

std::string seconds(std::chrono::milliseconds time) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", static_cast<double>(time.count()) / 1000);
  return text;
}

void write_case(std::string& out, const CaseResult& result) {
  out += "  <testcase classname=\"" + escaped(result.of.group) + "\" name=\"" +
         escaped(result.of.name) + "\" time=\"" + seconds(result.time) + "\"";
  switch (result.verdict) {
    case Verdict::holds:
      out += "/>\n";
      return;
    case Verdict::does_not_apply:
    case Verdict::not_judged:
    case Verdict::quirk:
      out += ">\n    <skipped message=\"" + std::string(to_string(result.verdict)) + ": " +
             escaped(result.reason) + "\"/>\n  </testcase>\n";
      return;
    case Verdict::broken:
      out += ">\n    <failure message=\"" + escaped(result.reason) + "\">" +
             escaped(result.output) + "</failure>\n  </testcase>\n";
  }
}

}  // namespace

std::string junit_report(std::span<const CaseResult> results, const std::string& name) {
  const auto count = [&](auto fits) {
    return std::to_string(std::ranges::count_if(results, fits));
  };
  std::chrono::milliseconds time{};
  for (const CaseResult& result : results) time += result.time;
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"" +
                    escaped(name) + "\" tests=\"" + std::to_string(results.size()) +
                    "\" failures=\"" +
                    count([](const auto& one) { return one.verdict == Verdict::broken; }) +
                    "\" skipped=\"" + count([](const auto& one) {
                      return one.verdict != Verdict::holds && one.verdict != Verdict::broken;
                    }) +
                    "\" time=\"" + seconds(time) + "\">\n";
  for (const CaseResult& result : results) write_case(out, result);
  return out + "</testsuite>\n";
}

}  // namespace kist::core
