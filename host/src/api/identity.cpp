// SPDX-License-Identifier: Apache-2.0
#include "api/identity.hpp"

#include <string_view>

namespace kist::api {
namespace {

constexpr std::string_view kScheme = "bearer";

/// The one token behind the scheme; empty: there is none.
std::string_view token_of(std::string_view header) {
  if (header.size() <= kScheme.size()) return {};
  for (std::size_t i = 0; i < kScheme.size(); ++i) {
    const char c = header[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != kScheme[i]) return {};
  }
  std::string_view token = header.substr(kScheme.size());
  if (!token.starts_with(' ')) return {};
  while (token.starts_with(' ')) token.remove_prefix(1);
  while (token.ends_with(' ')) token.remove_suffix(1);
  const auto is_graphic = [](char c) { return c > ' ' && c < 0x7F && c != ','; };
  for (const char c : token) {
    if (!is_graphic(c)) return {};
  }
  return token;
}

}  // namespace

const core::Principal* who_asks(const core::Authenticator& authenticator,
                                const http::Request& request, const http::Peer& peer,
                                Timestamp now) {
  if (!request.authorization.empty()) {
    const std::string_view token = token_of(request.authorization.reveal());
    return token.empty() ? nullptr : authenticator.by_token(token, now);
  }
  if (peer.certificate) return authenticator.by_certificate(*peer.certificate);
  if (peer.uid) return authenticator.by_socket_uid(*peer.uid);
  return nullptr;
}

}  // namespace kist::api
