// SPDX-License-Identifier: Apache-2.0
#include "serve/service_manager.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <string>

#include <doctest/doctest.h>

#include "loader/file_descriptor.hpp"

using kist::core::Environment;
using kist::core::FileDescriptor;
using kist::serve::ServiceManager;

namespace {

/// Listens as systemd does. `name`: a path, or '@' and an abstract name.
FileDescriptor manager_at(const std::string& name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, name.data(), name.size());
  if (name.front() == '@') address.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  FileDescriptor in(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  REQUIRE(::bind(in.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0);
  return in;
}

/// What has come; nothing is waited for: a datagram is there when send() has returned.
std::string received(const FileDescriptor& in) {
  char bytes[512];
  const ssize_t count = ::recv(in.get(), bytes, sizeof(bytes), 0);
  return count < 0 ? "" : std::string(bytes, static_cast<std::size_t>(count));
}

}  // namespace

TEST_SUITE("serve/service_manager") {
  TEST_CASE("who started the process is told when it serves, reloads and stops") {
    const std::string name = "@kist-test-" + std::to_string(::getpid());
    const FileDescriptor in = manager_at(name);
    const ServiceManager manager(Environment{{"NOTIFY_SOCKET", name}});
    manager.ready("serving");
    CHECK(received(in) == "READY=1\nSTATUS=serving");
    manager.reloading();
    CHECK(received(in).starts_with("RELOADING=1\nMONOTONIC_USEC="));
    manager.stopping();
    CHECK(received(in) == "STOPPING=1");
  }

  TEST_CASE("where nobody waits, or not at such a place, nothing happens") {
    ServiceManager(Environment{}).ready("serving");
    ServiceManager(Environment{{"NOTIFY_SOCKET", ""}}).ready("serving");
    ServiceManager(Environment{{"NOTIFY_SOCKET", "/nowhere/at/all"}}).ready("serving");
    ServiceManager(Environment{{"NOTIFY_SOCKET", std::string(500, 'x')}}).stopping();
  }
}
