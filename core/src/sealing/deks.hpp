// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include <kist/uuid.hpp>

#include "sealing/envelope.hpp"
#include "sealing/keyring.hpp"

namespace kist::core {

/// How far one DEK goes. Nonces are counted, so the cipher would bear far more; what is bounded is
/// how much one DEK that got out would open.
struct DekLimits {
  std::uint64_t uses = std::uint64_t{1} << 16;
  std::size_t cached = 1024;
};

/// An unwrapped DEK. Does not change.
struct Dek {
  std::uint64_t number;  ///< Of its own in this process, from 1.
  SecretValue key;
  std::string header;  ///< What all envelopes begin with that it seals.
};

/// The DEKs of this process: the one that seals now, and those that were unwrapped lately, the
/// least recently used ones giving way. Threads: any number.
class Deks {
 public:
  /// `keyring` outlives it.
  Deks(const Keyring& keyring, const Uuid& deployment_id, DekLimits limits);

  /// The right to seal some values: nonces from `first_use` on are the caller's.
  struct Uses {
    std::shared_ptr<const Dek> dek;
    std::uint64_t first_use;
  };
  /// A fresh DEK at first, and again before one would be used too often.
  /// Errors: unavailable: the KEK cannot be reached.
  /// The values of one secret share a DEK, even if they are more than DekLimits::uses.
  Uses take(std::uint64_t count);

  /// The DEK that an envelope was sealed with.
  /// Errors: failed_precondition: its KEK is not in the ring, or could not be had; corrupt: the
  /// wrapped DEK does not open; unavailable. The message is the end of a sentence, after "cannot be
  /// opened: ".
  std::shared_ptr<const Dek> unwrap(const Envelope& envelope);

  const Keyring& keyring() const { return keyring_; }
  std::string_view deployment_id() const;

 private:
  std::string wrap_associated(std::string_view key_id) const;
  std::shared_ptr<const Dek> make();  // Under sealing_mutex_.
  SecretValue open(const Envelope& envelope) const;
  void remember(std::shared_ptr<const Dek> dek);

  const Keyring& keyring_;
  const Uuid deployment_id_;
  const DekLimits limits_;

  std::atomic<std::uint64_t> last_number_{0};

  // Apart from mutex_, and taken before it: while a token takes its time to wrap a DEK, or is away,
  // what was unwrapped still opens.
  std::mutex sealing_mutex_;
  std::shared_ptr<const Dek> current_;  // Guarded by sealing_mutex_, as is uses_.
  std::uint64_t uses_ = 0;              // Of current_.

  std::mutex mutex_;                              // Guards all below.
  std::list<std::shared_ptr<const Dek>> recent_;  // The most recently used first.
  std::unordered_map<std::string_view, decltype(recent_)::iterator> by_header_;
};

}  // namespace kist::core
