// SPDX-License-Identifier: Apache-2.0
#include "client/server_address.hpp"

#include <sys/un.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include <arpa/inet.h>

#include <kist/error.hpp>

#include "text/printable.hpp"

namespace kist::client {
namespace {

constexpr std::uint16_t kHttpsPort = 443, kHttpPort = 80;
constexpr std::size_t kHostBytesMax = 253, kShownBytesMax = 256;

bool is_host_name(std::string_view text) {
  return !text.empty() && text.size() <= kHostBytesMax && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  });
}

bool is_ipv6(const std::string& text) {
  struct in6_addr address {};
  return ::inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

bool has_scheme(std::string_view text, std::string_view scheme) {
  return text.size() >= scheme.size() &&
         std::equal(scheme.begin(), scheme.end(), text.begin(), [](char expected, char found) {
           return expected == (found >= 'A' && found <= 'Z' ? found - 'A' + 'a' : found);
         });
}

class AddressReader {
 public:
  AddressReader(std::string_view text, const std::string& source) : text_(text), source_(source) {}

  ServerAddress read() {
    address_.text = core::printable(text_, kShownBytesMax);
    if (has_scheme(text_, "unix:"))
      read_path(text_.substr(5));
    else if (has_scheme(text_, "https://"))
      read_host(text_.substr(8), ServerAddress::Kind::https, kHttpsPort);
    else if (has_scheme(text_, "http://"))
      read_host(text_.substr(7), ServerAddress::Kind::http, kHttpPort);
    else
      refuse();
    return std::move(address_);
  }

 private:
  [[noreturn]] void refuse() const {
    if (text_.find('@') != std::string_view::npos)
      throw Error(ErrorCode::invalid_argument,
                  source_ +
                      " holds a user name or a password; expected https://HOST[:PORT] alone, and "
                      "the token in KIST_TOKEN or --token-file");
    throw Error(ErrorCode::invalid_argument,
                source_ + " is " + core::in_quotes(text_) +
                    "; expected https://HOST[:PORT], http://HOST[:PORT] or unix:/PATH");
  }

  void read_path(std::string_view path) {
    constexpr std::size_t bytes_max = sizeof(sockaddr_un::sun_path) - 1;
    if (!path.starts_with('/') || path.find('\0') != std::string_view::npos) refuse();
    if (path.size() > bytes_max)
      throw Error(ErrorCode::invalid_argument,
                  source_ + " names a path of " + std::to_string(path.size()) +
                      " bytes; a Unix socket's has at most " + std::to_string(bytes_max));
    address_.kind = ServerAddress::Kind::unix_socket;
    address_.path = path;
  }

  void read_host(std::string_view rest, ServerAddress::Kind kind, std::uint16_t usual_port) {
    address_.kind = kind;
    address_.port = usual_port;
    if (rest.ends_with('/')) rest.remove_suffix(1);
    if (rest.starts_with('[')) {
      const std::size_t end = rest.find(']');
      if (end == std::string_view::npos) refuse();
      address_.host = rest.substr(1, end - 1);
      if (!is_ipv6(address_.host)) refuse();
      rest.remove_prefix(end + 1);
    } else {
      address_.host = rest.substr(0, rest.find(':'));
      if (!is_host_name(address_.host)) refuse();
      rest.remove_prefix(address_.host.size());
    }
    if (rest.empty()) return;
    rest.remove_prefix(1);  // What follows a name is ':', and so it must be behind ']'.
    if (text_[static_cast<std::size_t>(rest.data() - text_.data()) - 1] != ':') refuse();
    const auto [end, error] =
        std::from_chars(rest.data(), rest.data() + rest.size(), address_.port);
    if (error != std::errc{} || end != rest.data() + rest.size() || address_.port == 0) refuse();
  }

  std::string_view text_;
  const std::string& source_;
  ServerAddress address_;
};

}  // namespace

std::string ServerAddress::authority() const {
  if (kind == Kind::unix_socket) return "localhost";
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  const bool usual = port == (kind == Kind::https ? kHttpsPort : kHttpPort);
  return usual ? name : name + ":" + std::to_string(port);
}

std::string ServerAddress::named() const { return "server " + core::in_quotes(text); }

ServerAddress parse_server_address(std::string_view text, const std::string& source) {
  return AddressReader(text, source).read();
}

}  // namespace kist::client
