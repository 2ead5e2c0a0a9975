// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "store_client.hpp"

namespace kist::conformance {

/// A sequence of writes that is the same in every process: step after step, each secret is created,
/// given new values, renamed, and every third one deleted. So the state after any step is known.
class History {
 public:
  static constexpr std::uint64_t kStepsPerSecret = 4;

  static void do_step(StoreClient& store, std::uint64_t step);

  /// What a secret is after a step; nothing if it does not exist then.
  static std::optional<Secret> after(std::uint64_t step);

  /// The secret that a step is about.
  static std::uint64_t number(std::uint64_t step) { return step / kStepsPerSecret; }
  static Uuid id(std::uint64_t step) { return numbered(number(step)); }

 private:
  static Uuid numbered(std::uint64_t number);
};

}  // namespace kist::conformance
