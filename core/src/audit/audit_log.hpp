// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "audit/audit_record.hpp"
#include "audit/signing_key.hpp"

namespace kist::core {

/// Waits until its record is durable.
class AuditWaiter {
 public:
  /// Called once: on a thread of the log, or within append() when the record is not taken at all.
  /// False: the record is not known to be durable, so that nothing may be answered that depends on
  /// it. It is in no line, unless the disk takes it after the deadline.
  virtual void audited(bool durable) noexcept = 0;

 protected:
  ~AuditWaiter() = default;
};

/// How many records may wait to be written.
inline constexpr std::size_t kAuditQueueMax = 32'768;

struct AuditLogSettings {
  std::filesystem::path file;
  std::uint64_t rotate_bytes = 0;             ///< A file as large as this is put away; 0: never.
  std::chrono::milliseconds deadline{5'000};  ///< A record that is not durable by then has failed.
  /// Something shows that there was a log before: that there is none is worth a warning.
  bool was_written_before = false;

  // For tests.
  std::uint64_t checkpoint_records = 65'536;          ///< Behind so many records.
  std::chrono::milliseconds checkpoint_time{10'000};  ///< Or so long after a record.
  std::chrono::milliseconds look_time{1'000};  ///< Between looks at the file, and tries to heal.
};

/// The audit log: one line of JSON a record, each with the hash of the one before it, and signed
/// checkpoints between them. A thread of its own writes what has come meanwhile, all of it with one
/// fdatasync, so that many who wait share its cost. While it cannot write, every record fails at
/// once; it tries again each second, and goes on by itself. Threads: any number.
class AuditLog {
 public:
  /// Goes on where the file ends, behind a torn last line if a crash has left one, or makes it.
  /// `say` takes sentences for the operator's log, among them the head of each checkpoint; any
  /// thread; it throws nothing.
  /// Errors: failed_precondition: the file is another's or readable by others, its last record is
  /// not what its hash says, or another process writes it; not_found: there is no such directory;
  /// permission_denied; unavailable.
  AuditLog(AuditLogSettings settings, SigningKey key, std::function<void(std::string_view)> say);
  /// Writes what has been taken, and a last checkpoint. Waits for a disk that hangs.
  ~AuditLog();
  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;

  /// Takes a record. `waiter` is borrowed until it is called.
  void append(AuditRecord record, AuditWaiter& waiter);

  /// Why records cannot be written now; nothing: they can. Cheap where they can.
  std::optional<std::string> problem() const;

  /// Puts the file away, if it is there still, and goes on in a new one: for SIGHUP, and after the
  /// file was taken away. A file without records stays. Waits until it is done, or for the
  /// deadline; problem() says if it cannot be done.
  void reopen();

  struct Counts {
    std::uint64_t records = 0, failures = 0, syncs = 0;
  };
  Counts counts() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace kist::core
