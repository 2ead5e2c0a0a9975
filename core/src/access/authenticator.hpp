// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <kist/models.hpp>

#include "config/configuration.hpp"
#include "secrets/directory.hpp"

namespace kist::core {

/// Turns what somebody shows into the principal that it belongs to. Does not change after
/// construction; any thread.
class Authenticator {
 public:
  /// `directory` outlives it, and has each of `principals`.
  /// Errors: invalid_argument: a token hash that is none.
  Authenticator(const Directory& directory, std::span<const PrincipalSettings> principals);

  /// Null: nobody has this token, or it has expired. The work is the same in every case (AT-08).
  const Principal* by_token(std::string_view token, Timestamp now) const;
  /// Null: nobody has this subject.
  const Principal* by_certificate(std::string_view subject) const;
  const Principal* by_socket_uid(std::uint32_t uid) const;
};

}  // namespace kist::core
