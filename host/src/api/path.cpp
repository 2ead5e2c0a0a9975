// SPDX-License-Identifier: Apache-2.0
#include "api/path.hpp"

#include <kist/error.hpp>

#include "api/percent_encoding.hpp"
#include "secrets/validation.hpp"
#include "text/printable.hpp"

namespace kist::api {
namespace {

[[noreturn]] void refuse(std::string_view segment, const std::string& fault) {
  throw Error(ErrorCode::invalid_argument,
              "the segment " + core::in_quotes(segment) + " of the path " + fault);
}

void check(std::string_view segment) {
  if (segment.ends_with('.')) refuse(segment, "ends with '.'");
  const std::size_t bad = segment.find_first_of("/\\;%");
  if (bad != std::string_view::npos)
    refuse(segment, std::string("holds '") + segment[bad] + "'; a name with it cannot stand here");
  if (const auto fault = core::fault_of_name(segment)) refuse(segment, *fault);
}

}  // namespace

Path::Path(std::string_view text) {
  if (!text.starts_with('/'))
    throw Error(ErrorCode::invalid_argument,
                "the path " + core::in_quotes(text) + " does not begin with '/'");
  text.remove_prefix(1);
  if (text.empty()) return;
  if (text.find('%') != std::string_view::npos) decoded_.reserve(text.size());
  while (true) {
    const std::size_t slash = text.find('/');
    add(text.substr(0, slash));
    if (slash == std::string_view::npos) return;
    text.remove_prefix(slash + 1);
  }
}

void Path::add(std::string_view raw) {
  if (raw.empty())
    throw Error(ErrorCode::invalid_argument,
                "a segment of the path is empty; expected no '//' and no '/' at its end");
  std::string_view segment = raw;
  if (raw.find('%') != std::string_view::npos) {
    const std::size_t start = decoded_.size();
    if (!percent_decode(raw, Plus::plus, decoded_))
      refuse(raw, "holds a '%' without two hexadecimal digits behind it");
    segment = std::string_view(decoded_).substr(start);
  }
  check(segment);
  if (size_ < kMaxKept) segments_[size_] = segment;
  ++size_;
}

}  // namespace kist::api
