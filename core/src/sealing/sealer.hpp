// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include <kist/secret_values.hpp>
#include <kist/uuid.hpp>

#include "sealing/deks.hpp"

namespace kist::core {

/// Turns the values of secrets into envelopes, each bound to its deployment, secret and key, and
/// back. docs/internals/envelope.md has the format. Threads: any number.
class Sealer {
 public:
  /// `keyring` outlives it.
  Sealer(const Keyring& keyring, const Uuid& deployment_id, DekLimits limits = {});
  ~Sealer();

  const Keyring& keyring() const { return deks_.keyring(); }

  /// With a DEK under the current KEK. Errors: unavailable: it cannot be reached.
  SecretValues seal(const Uuid& secret_id, const SecretValues& values);
  /// The same for what the patch sets.
  SecretPatch seal(const Uuid& secret_id, const SecretPatch& patch);

  /// All values or an error, which names the secret, the first key that does not open, and the key
  /// id.
  /// Errors: corrupt: an envelope is altered, cut off, of an unknown version, of another secret,
  /// key or deployment, or there is none; failed_precondition: its KEK is not in the ring;
  /// unavailable.
  SecretValues open(const Uuid& secret_id, const SecretValues& sealed);

  /// True if `value` is an envelope under the current KEK; whether it opens is not asked.
  bool is_current(SecretView value) const;

 private:
  struct Ciphers;
  class Lease;
  class Sealing;

  Deks deks_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Ciphers>> idle_;  // Guarded by mutex_: at most one for each thread.
};

}  // namespace kist::core
