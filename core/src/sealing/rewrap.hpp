// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include <kist/secrets_store_interface.hpp>

#include "sealing/sealer.hpp"
#include "sealing/stored_secrets.hpp"

namespace kist::core {

/// How often a secret that others change meanwhile is read again before it counts as failed.
inline constexpr int kMaxRewrapAttempts = 20;

/// Numbers of secrets. Each that was looked at is rewrapped, skipped or failed.
struct RewrapCounts {
  std::uint64_t total = 0;  ///< That the store had when the run began.
  std::uint64_t scanned = 0;
  std::uint64_t rewrapped = 0;  ///< In a dry run: that would be.
  std::uint64_t skipped = 0;    ///< There was nothing to do, or they were deleted meanwhile.
  std::uint64_t failed = 0;
  /// Of those that are skipped or rewrapped: with values that were never sealed, and were left so.
  std::uint64_t unsealed = 0;

  /// That the run has not come to.
  std::uint64_t remaining() const { return total - scanned; }
};

struct RewrapOptions {
  std::optional<std::uint64_t> limit = {};  ///< Ends when so many are rewrapped.
  bool dry_run = false;                     ///< Opens what would be rewrapped, and writes nothing.
  /// Seals values that were never sealed, too. Whoever can write to the store could have put them
  /// there, and would have them sealed as if they were ours.
  bool seal_unsealed = false;
  std::function<void(const RewrapCounts&)> advanced = {};  ///< After each secret.
  std::function<void(const Error&)> failed = {};           ///< The message names the secret.
};

/// Seals what is not sealed with the current KEK with it, secret by secret and each at once or not
/// at all, while others read and write. Only those values are written that are not, and only if
/// nobody has changed the secret since it was read; `updated` stays, the revision grows by one.
///
/// It remembers nothing: what is done is current, and a later run passes it by. So a run can end
/// anywhere, and another takes up its work.
class Rewrap {
 public:
  /// `store` holds envelopes: the one behind the sealing. Both outlive it.
  Rewrap(SecretsStoreInterface& store, Sealer& sealer, RewrapOptions options);

  /// Once. A secret that does not open, whose KEK is missing, or that the store refuses to read or
  /// write, is told to `failed`, and the run goes on.
  /// Errors, which end it: cancelled, deadline_exceeded, unavailable, permission_denied,
  /// store_denied, unauthenticated, unimplemented, internal; the counts are good then, too.
  void run(const WithCall& with_call);

  const RewrapCounts& counts() const { return counts_; }

 private:
  enum class Outcome { rewrapped, skipped };

  void rewrap_one(const WithCall& with_call, const Uuid& id);
  Outcome try_until_settled(Call& call, const Uuid& id, bool& has_unsealed);
  Outcome try_once(Call& call, const Uuid& id, bool& has_unsealed);
  /// What has to be written, as envelopes under the current KEK.
  SecretPatch patch_of(const Uuid& id, const SecretValues& values, bool& has_unsealed);

  SecretsStoreInterface& store_;
  Sealer& sealer_;
  RewrapOptions options_;
  RewrapCounts counts_;
};

}  // namespace kist::core
