// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>

namespace kist::core::testing {

/// A shell script in a directory of its own, which is also $HERE in it.
class Script {
 public:
  explicit Script(std::string_view body) {
    std::string name = (std::filesystem::temp_directory_path() / "kist-script-XXXXXX").native();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
    directory_ = name;
    write("script", "#!/bin/sh\nHERE='" + name + "'\n" + std::string(body));
    ::chmod(path().c_str(), 0700);
  }
  ~Script() { std::filesystem::remove_all(directory_); }
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;

  const std::filesystem::path& directory() const { return directory_; }
  std::filesystem::path path() const { return directory_ / "script"; }

  std::filesystem::path write(std::string_view name, std::string_view text) const {
    std::ofstream(directory_ / name, std::ios::binary) << text;
    return directory_ / name;
  }
  /// What a file of its directory holds, without the last line end; empty: there is none.
  std::string read(std::string_view name) const {
    std::ifstream file(directory_ / name, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), {}};
    if (text.ends_with('\n')) text.pop_back();
    return text;
  }

 private:
  std::filesystem::path directory_;
};

/// Whether the process of that number, as a script has written it, still runs. One that was killed
/// and waits to be noticed by its new parent does not.
inline bool runs(const std::string& process) {
  std::ifstream file("/proc/" + process + "/stat");
  std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::size_t end = text.rfind(") ");
  return end != std::string::npos && text[end + 2] != 'Z' && text[end + 2] != 'X';
}

}  // namespace kist::core::testing
