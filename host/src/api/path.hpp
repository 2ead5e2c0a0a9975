// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace kist::api {

/// A path of a request, taken apart at its slashes. Each segment is decoded once and checked once,
/// and is never turned into another: what two readers could understand differently is refused
/// (AT-01). So a workspace whose name holds '/', '\\', ';' or '%', or ends with '.', has its id
/// only in a path.
class Path {
 public:
  static constexpr std::size_t kMaxKept = 8;  ///< No route has more.

  /// `text` outlives it. "/" has no segments.
  /// Errors: invalid_argument: an empty segment, '.', one that ends with '.' or holds '/', '\\',
  /// ';' or '%' once it is decoded, or is no name (fault_of_name()); bad percent-encoding.
  explicit Path(std::string_view text);
  Path(const Path&) = delete;
  Path& operator=(const Path&) = delete;

  /// All of them; those behind kMaxKept were checked, and are not kept.
  std::size_t size() const noexcept { return size_; }
  std::string_view operator[](std::size_t index) const noexcept { return segments_[index]; }

 private:
  void add(std::string_view raw);

  std::array<std::string_view, kMaxKept> segments_;
  std::size_t size_ = 0;
  std::string decoded_;  // Of the segments that were encoded. Does not move: it has its capacity.
};

}  // namespace kist::api
