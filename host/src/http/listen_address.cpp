// SPDX-License-Identifier: Apache-2.0
#include "http/listen_address.hpp"

#include <sys/un.h>

#include <charconv>

#include <arpa/inet.h>

#include <kist/error.hpp>

#include "text/printable.hpp"

namespace kist::http {
namespace {

constexpr std::string_view kUnixPrefix = "unix:";
constexpr std::size_t kPathBytesMax = sizeof(sockaddr_un::sun_path) - 1;

bool is_ip(int family, const std::string& host) {
  unsigned char bytes[sizeof(in6_addr)];
  return ::inet_pton(family, host.c_str(), bytes) == 1;
}

[[noreturn]] void refuse(std::string_view text, const std::string& why) {
  throw Error(ErrorCode::invalid_argument,
              "cannot listen at " + core::in_quotes(text) + ": " + why +
                  "; expected an address such as 127.0.0.1:8420, [::1]:8420 or "
                  "unix:/run/kist/kist.sock");
}

ListenAddress parse_unix(std::string_view text) {
  ListenAddress address;
  address.path = text.substr(kUnixPrefix.size());
  if (!address.path.starts_with('/')) refuse(text, "the path of the socket is not absolute");
  if (address.path.size() > kPathBytesMax)
    refuse(text, "the path of the socket is longer than " + std::to_string(kPathBytesMax) +
                     " bytes, which the system does not take");
  return address;
}

std::uint16_t parse_port(std::string_view text, std::string_view digits) {
  std::uint16_t port = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, port);
  if (error != std::errc{} || stop != end)
    refuse(text, core::in_quotes(digits) + " is no port from 0 to 65535");
  return port;
}

}  // namespace

bool ListenAddress::is_local() const {
  return is_unix() || host == "::1" || host.starts_with("127.");
}

std::string ListenAddress::text() const {
  if (is_unix()) return std::string(kUnixPrefix) + path;
  const bool is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

ListenAddress ListenAddress::parse(std::string_view text) {
  if (text.starts_with(kUnixPrefix)) return parse_unix(text);
  ListenAddress address;
  std::string_view rest = text;
  if (rest.starts_with('[')) {
    const std::size_t end = rest.find(']');
    if (end == std::string_view::npos) refuse(text, "']' is missing");
    address.host = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
  } else {
    address.host = rest.substr(0, rest.find(':'));
    rest.remove_prefix(address.host.size());
  }
  if (!rest.empty()) {
    if (rest.front() != ':') refuse(text, "':' and a port are what may follow the address");
    address.port = parse_port(text, rest.substr(1));
  }
  if (address.host == "localhost") address.host = "127.0.0.1";
  const bool v6 = text.starts_with('[');
  if (!is_ip(v6 ? AF_INET6 : AF_INET, address.host))
    refuse(text, core::in_quotes(address.host) + " is no IP address");
  return address;
}

}  // namespace kist::http
