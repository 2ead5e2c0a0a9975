// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include <kist/error.hpp>
#include <kist/models.hpp>

namespace kist {

/// The circumstances of one call: until when it may run, and whether its caller still waits. Used
/// on the thread of the call.
class Call {
 public:
  virtual ~Call() = default;

  /// CLOCK_MONOTONIC in nanoseconds; INT64_MAX: none.
  virtual std::int64_t deadline_ns() const = 0;
  virtual bool is_cancelled() const = 0;
  /// Polls readable once the call is cancelled; -1: there is none. Do not read or close it.
  virtual int cancel_fd() const = 0;

  /// The time that is left, at least 0; what is too long for the type is its maximum.
  std::chrono::nanoseconds remaining() const {
    const std::int64_t deadline = deadline_ns();
    if (deadline == INT64_MAX) return std::chrono::nanoseconds::max();
    const std::int64_t now = std::chrono::steady_clock::now().time_since_epoch().count();
    return std::chrono::nanoseconds(deadline > now ? deadline - now : 0);
  }
  /// Call it in every loop that may take long. Errors: cancelled, deadline_exceeded.
  void check() const {
    if (is_cancelled()) throw Error(ErrorCode::cancelled, "the call was cancelled");
    if (remaining().count() == 0)
      throw Error(ErrorCode::deadline_exceeded, "the deadline of the call has passed");
  }
};

/// A secrets store. docs/plugins/contract.md says, rule by rule, what each operation must do (ST-1
/// … ST-21).
///
/// Threads: many at once if the store type is declared concurrent; one after the other if serial.
/// Every operation may also fail with unavailable, store_denied, resource_exhausted,
/// deadline_exceeded, cancelled, indeterminate (writes only) and internal.
class SecretsStoreInterface {
 public:
  virtual ~SecretsStoreInterface() = default;

  /// Stores the secret, durably, and returns what a later get returns.
  /// Errors: already_exists: the id, or the name within its scope, is taken.
  virtual Secret create_secret(Call& call, Secret secret) = 0;

  /// Errors: not_found; corrupt: what is stored cannot be read.
  virtual Secret get_secret(Call& call, const Uuid& id) = 0;

  /// Sends the rows of the slice that `query` describes to `sink`, in order, and the total if it
  /// asks for one. A store that declares `scan` sends every row that it has, in any order, and the
  /// host does the rest.
  virtual void list_secrets(Call& call, const ListQuery& query, ListSink& sink) = 0;

  /// Changes what `update` names, all or nothing, and returns the whole secret.
  /// Errors: not_found; already_exists: the new name or scope is taken; conflict: the revision is
  /// not `if_revision`; corrupt: a patch of values that cannot be read.
  virtual Secret update_secret(Call& call, const SecretUpdate& update) = 0;

  /// Errors: not_found; conflict: the revision is not `if_revision`.
  virtual void delete_secret(Call& call, const Uuid& id,
                             std::optional<std::uint64_t> if_revision) = 0;

  /// Returns if the store could serve a call now. Errors: those of every operation.
  virtual void check_health(Call& call) { call.check(); }
};

}  // namespace kist
