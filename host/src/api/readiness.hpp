// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "api/generation.hpp"

namespace kist::api {

/// What is known of the store's health: asked for at most once a second, by one at a time, and no
/// longer than a deadline. Any thread.
class Readiness {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kFresh{1};
  static constexpr std::chrono::seconds kDeadline{2};

  /// `say` takes a sentence for the operator's log when the store stops or begins to serve.
  explicit Readiness(std::function<void(std::string_view)> say) : say_(std::move(say)) {}

  /// True: what is known is too old, or of another generation, and the caller is to call ask();
  /// nobody else does meanwhile.
  bool begin(const std::shared_ptr<const Generation>& generation, Clock::time_point now);
  /// The caller of begin() could not ask.
  void give_up();
  /// Asks the store; may block for kDeadline. It is not cancelled when a client goes: anybody could
  /// make the store look ill by hanging up.
  void ask(const std::shared_ptr<const Generation>& generation);

  /// Why the store cannot serve, for everybody to read; nothing: it can.
  std::optional<std::string> problem(const std::shared_ptr<const Generation>& generation,
                                     Clock::time_point now) const;

 private:
  /// True: the store was well before and is not now, or the other way round.
  bool learn(const std::shared_ptr<const Generation>& generation,
             std::optional<std::string> problem);

  const std::function<void(std::string_view)> say_;
  mutable std::mutex mutex_;
  // All guarded by mutex_.
  bool asking_ = false;
  Clock::time_point asked_;  // When, if asking_.
  bool known_ = false;
  bool was_ill_ = false;
  std::weak_ptr<const Generation> of_;  // Whose store is known: it must not keep a closed one.
  std::optional<std::string> problem_;
  Clock::time_point learned_;
};

}  // namespace kist::api
