// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace kist::test {

/// A directory of mode 0700 for plugins, removed at the end.
class PluginDirectory {
 public:
  PluginDirectory() {
    // Resolved, for a plugin directory has no symlink in its path.
    std::string pattern =
        (std::filesystem::canonical(std::filesystem::temp_directory_path()) / "kist-XXXXXX")
            .native();
    if (!::mkdtemp(pattern.data())) throw std::runtime_error("cannot make " + pattern);
    path_ = pattern;
  }
  PluginDirectory(const PluginDirectory&) = delete;
  PluginDirectory& operator=(const PluginDirectory&) = delete;
  ~PluginDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }

  /// Overwrites in place, as a careless copy does.
  void write(const std::string& name, std::string_view bytes, ::mode_t mode = 0600) const {
    const std::string path = (path_ / name).native();
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
    if (::chmod(path.c_str(), mode) != 0) throw std::runtime_error("cannot write " + path);
  }

  void bind_socket(const std::string& name) const {
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ::sockaddr_un address{};
    address.sun_family = AF_UNIX;
    (path_ / name).native().copy(address.sun_path, sizeof address.sun_path - 1);
    const int result =
        ::bind(socket, reinterpret_cast<const ::sockaddr*>(&address), sizeof address);
    ::close(socket);
    if (result != 0) throw std::runtime_error("cannot bind " + name);
  }

 private:
  std::filesystem::path path_;
};

}  // namespace kist::test
