// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include <kist/models.hpp>

#include "access/token.hpp"
#include "config/configuration.hpp"
#include "secrets/directory.hpp"

namespace kist::core {

/// Turns what somebody shows into the principal that it belongs to. Does not change after
/// construction; any thread.
class Authenticator {
 public:
  /// `directory` outlives it. The reader of the configuration has seen to it that no two of
  /// `principals` have the same certificate, uid or lookup id.
  /// Errors: internal: one of `principals` is not in `directory`; there are no random bytes.
  Authenticator(const Directory& directory, std::span<const PrincipalSettings> principals);

  /// Null: nobody has this token, or it expired at `now` or before. The work is the same in every
  /// case (AT-08), and bounded however long `token` is. Errors: internal.
  const Principal* by_token(std::string_view token, Timestamp now) const;
  /// `subject` is compared byte by byte, in the form of RFC 2253 that OpenSSL's XN_FLAG_RFC2253
  /// gives. Null: nobody has it.
  const Principal* by_certificate(std::string_view subject) const;
  const Principal* by_socket_uid(std::uint32_t uid) const;

 private:
  struct TokenRow {
    const Principal* principal = nullptr;
    TokenMac key{}, mac{};
    Timestamp expires = Timestamp::max();
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>()(text);
    }
  };
  template <class Value>
  using ByText = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;

  ByText<TokenRow> by_lookup_id_;
  TokenRow nobody_;  // What a token without a row is compared with.
  ByText<const Principal*> by_certificate_;
  std::unordered_map<std::uint32_t, const Principal*> by_socket_uid_;
};

}  // namespace kist::core
