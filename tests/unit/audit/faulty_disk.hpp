// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kist::core::testing {

/// fdatasync() of this program, which fails or hangs as a disk can; it is the kernel's otherwise.
class FaultyDisk {
 public:
  FaultyDisk() = default;
  ~FaultyDisk() { mend(); }
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  /// From now on it fails with this errno, and syncs nothing: of all files, or of those whose path
  /// ends so.
  void fail(int error, std::string_view end_of_path = {});
  /// From now on it does not return before mend().
  void hang();
  void mend();
  /// Until so many calls hang.
  void wait_for_hanging(int calls);
  int calls() const;
  /// The names of the files that were synced since the last look, one for each call.
  std::vector<std::string> synced();
};

}  // namespace kist::core::testing
