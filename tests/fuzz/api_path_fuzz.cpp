// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <kist/error.hpp>

#include "api/path.hpp"
#include "text/printable.hpp"

namespace {

using kist::api::Path;

/// Whatever a segment was, nothing downstream could read it as another path (AT-01).
void check_segment(std::string_view segment) {
  if (segment.empty() || segment.ends_with('.') || !kist::core::is_utf8(segment) ||
      segment.find_first_of(std::string_view("/\\;%\0\n\r", 7)) != std::string_view::npos)
    std::abort();
}

/// A path of segments that passed is the path that it was made from.
void check_again(const Path& path) {
  std::string text = path.size() == 0 ? "/" : "";
  for (std::size_t i = 0; i < path.size(); ++i) text += "/" + std::string(path[i]);
  const Path again(text);
  if (again.size() != path.size()) std::abort();
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (again[i] != path[i]) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    const Path path(text);
    const std::size_t kept = std::min(path.size(), Path::kMaxKept);
    for (std::size_t i = 0; i < kept; ++i) check_segment(path[i]);
    if (kept == path.size()) check_again(path);
  } catch (const kist::Error& refusal) {
    if (refusal.code != kist::ErrorCode::invalid_argument) std::abort();
  }
  return 0;
}
