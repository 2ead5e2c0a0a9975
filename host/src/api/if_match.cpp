// SPDX-License-Identifier: Apache-2.0
#include "api/if_match.hpp"

#include <charconv>
#include <string>

#include <kist/error.hpp>

#include "text/printable.hpp"

namespace kist::api {
namespace {

void skip_blanks(std::string_view& rest) {
  while (rest.starts_with(' ') || rest.starts_with('\t')) rest.remove_prefix(1);
}

/// Takes one quoted revision from the front. False: there is none.
bool take_tag(std::string_view& rest, std::uint64_t& revision) {
  if (!rest.starts_with('"')) return false;
  const char* const end = rest.data() + rest.size();
  const auto [stop, failure] = std::from_chars(rest.data() + 1, end, revision);
  if (failure != std::errc() || stop == end || *stop != '"') return false;
  rest.remove_prefix(static_cast<std::size_t>(stop + 1 - rest.data()));
  return true;
}

}  // namespace

std::vector<std::uint64_t> parse_if_match(std::string_view header) {
  const auto refused = [&](const std::string& fault) {
    return Error(ErrorCode::invalid_argument,
                 "If-Match is " + core::in_quotes(header) + "; expected " + fault);
  };
  std::vector<std::uint64_t> revisions;
  std::string_view rest = header;
  skip_blanks(rest);
  if (rest.starts_with('*')) {
    rest.remove_prefix(1);
    skip_blanks(rest);
    if (rest.empty()) return revisions;
  }
  while (true) {
    std::uint64_t revision = 0;
    if (!take_tag(rest, revision)) throw refused(R"(what ETag gave: "7", a list of such, or *)");
    if (revisions.size() == kMaxTags)
      throw refused("at most " + std::to_string(kMaxTags) + " tags");
    revisions.push_back(revision);
    skip_blanks(rest);
    if (rest.empty()) return revisions;
    if (!rest.starts_with(',')) throw refused("commas between tags");
    rest.remove_prefix(1);
    skip_blanks(rest);
  }
}

}  // namespace kist::api
