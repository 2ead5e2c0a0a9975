// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <kist/error.hpp>
#include <kist/secret_values.hpp>

namespace kist::core {

inline constexpr std::size_t kMaxNameCodePoints = 255;
inline constexpr std::size_t kMaxNameBytes = 4 * kMaxNameCodePoints;
inline constexpr std::size_t kMaxKeyBytes = 255;
inline constexpr std::size_t kMaxKeys = 1000;
inline constexpr std::size_t kDefaultSecretBytes = std::size_t{64} * 1024;
inline constexpr std::size_t kMaxSecretBytes = std::size_t{1024} * 1024;

/// How large one secret may be.
struct Limits {
  std::size_t max_keys = kMaxKeys;
  std::size_t max_secret_bytes = kDefaultSecretBytes;  ///< The sum of all keys and values.
  std::size_t envelope_bytes = 0;                      ///< What sealing adds to each value.
  std::size_t max_sealed_bytes = SIZE_MAX;  ///< As max_secret_bytes, with what sealing adds.

  /// These limits, lowered to what the store's manifest allows, for values that are not sealed.
  Limits lowered_to(std::size_t store_max_secret_bytes) const;
  /// The same for values that are, and grow by `envelope_overhead` each before the store sees them.
  Limits sealed_within(std::size_t store_max_secret_bytes, std::size_t envelope_overhead) const;
};

/// The request is well formed but larger than allowed: HTTP answers 413 to it, not 429 or 507.
class LimitExceeded : public Error {
 public:
  explicit LimitExceeded(const std::string& message)
      : Error(ErrorCode::resource_exhausted, message) {}
};

/// What keeps `name` from being a secret's name, as the end of a sentence; nothing if it may be
/// one.
std::optional<std::string> fault_of_name(std::string_view name);

/// A secret's name that has passed the rules: 1 to 255 code points of valid UTF-8, without control
/// characters and without white space at either end. Its bytes are those that were given, so that
/// the name that was authorised is the one that is stored and audited.
class ValidatedName {
 public:
  /// Errors: invalid_argument.
  explicit ValidatedName(std::string_view name);

  const std::string& text() const noexcept { return text_; }

 private:
  std::string text_;
};

/// A key is 1 to 255 bytes of UTF-8 without NUL. Errors: invalid_argument.
void check_key(std::string_view key);

/// Checks every key of `values`, those that it removes too, and the size of what it sets.
/// Errors: invalid_argument; LimitExceeded.
void check_values(const SecretPatch& values, const Limits& limits);

/// The size of a secret, after a patch was merged into it. Errors: LimitExceeded.
void check_size(std::size_t keys, std::size_t bytes, const Limits& limits);

}  // namespace kist::core
