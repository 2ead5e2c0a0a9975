// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include <doctest/doctest.h>

namespace kist::testing {

/// Only root may mount one.
inline bool may_mount() { return ::geteuid() == 0; }

/// A disk of a few megabytes that can be filled, mounted on a new directory.
class SmallDisk {
 public:
  SmallDisk(const std::filesystem::path& directory, const std::string& size) : path_(directory) {
    std::filesystem::create_directory(path_);
    const std::string options = "mode=0700,size=" + size;
    is_mounted_ = ::mount("tmpfs", path_.c_str(), "tmpfs", 0, options.c_str()) == 0;
  }
  ~SmallDisk() {
    if (is_mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// Some sandboxes let not even root mount.
  bool is_mounted() const { return is_mounted_; }
  void fill() const {
    std::ofstream file(path_ / "filler", std::ios::binary);
    const std::string block(4'096, 'x');
    while (file.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
  }
  void empty() const { std::filesystem::remove(path_ / "filler"); }

 private:
  std::filesystem::path path_;
  bool is_mounted_ = false;
};

}  // namespace kist::testing
