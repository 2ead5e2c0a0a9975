// SPDX-License-Identifier: Apache-2.0
#include "access/authenticator.hpp"

#include <algorithm>
#include <array>

#include <kist/error.hpp>

#include "sealing/random_bytes.hpp"
#include "text/printable.hpp"

namespace kist::core {
namespace {

/// Stands for what cannot be a token: no row has its id.
constexpr std::array<char, kTokenSize> kNoToken{};

template <class Bytes>
std::string_view view_of(const Bytes& bytes) {
  return {bytes.data(), bytes.size()};
}

void fill(TokenMac& bytes) {
  fill_with_random_bytes(reinterpret_cast<char*>(bytes.data()), bytes.size());
}

/// By its name alone: Directory::find_principal() would take a name that looks like a UUID for the
/// id of somebody else.
const Principal& find(const Directory& directory, const std::string& name) {
  const auto& all = directory.principals();
  const auto found =
      std::ranges::find_if(all, [&](const Principal& principal) { return principal.name == name; });
  if (found == all.end())
    throw Error(ErrorCode::internal, "the directory has no principal " + in_quotes(name));
  return *found;
}

}  // namespace

Authenticator::Authenticator(const Directory& directory,
                             std::span<const PrincipalSettings> principals) {
  fill(nobody_.key);
  fill(nobody_.mac);
  for (const PrincipalSettings& settings : principals) {
    const Principal& principal = find(directory, settings.name);
    if (const auto& hash = settings.token_hash) {
      TokenRow row{&principal, principal_key(*hash, settings.name), hash->mac};
      if (settings.token_expires) row.expires = *settings.token_expires;
      by_lookup_id_.emplace(view_of(hash->lookup_id), row);
    }
    if (settings.certificate) by_certificate_.emplace(*settings.certificate, &principal);
    if (settings.socket_uid) by_socket_uid_.emplace(*settings.socket_uid, &principal);
  }
}

const Principal* Authenticator::by_token(std::string_view token, Timestamp now) const {
  if (token.size() != kTokenSize) token = view_of(kNoToken);
  const LookupId id = lookup_id_of(token);
  const auto found = by_lookup_id_.find(view_of(id));
  const TokenRow& row = found == by_lookup_id_.end() ? nobody_ : found->second;
  const bool same = same_mac(token_mac(row.key, token), row.mac);
  return same && now < row.expires ? row.principal : nullptr;
}

const Principal* Authenticator::by_certificate(std::string_view subject) const {
  const auto found = by_certificate_.find(subject);
  return found == by_certificate_.end() ? nullptr : found->second;
}

const Principal* Authenticator::by_socket_uid(std::uint32_t uid) const {
  const auto found = by_socket_uid_.find(uid);
  return found == by_socket_uid_.end() ? nullptr : found->second;
}

}  // namespace kist::core
