// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "audit/audit_file.hpp"
#include "audit/audit_journal.hpp"
#include "audit/audit_line.hpp"
#include "audit/audit_log.hpp"
#include "audit/signing_key.hpp"

namespace kist::core {

/// What the thread of the log works with: the file, the chain and its checkpoints. After an error
/// the file ends where it did before, or the next write cuts it back. One thread at a time.
class AuditWriter {
 public:
  /// Where lines are durable: the journal is faster. A file that is put away has all of its own.
  enum class Durable { in_journal, in_file };

  /// Errors: those of AuditLog.
  AuditWriter(const AuditLogSettings& settings, SigningKey key,
              std::function<void(std::string_view)> say);

  /// Adds a record to those that commit() makes durable. Errors: unavailable, permission_denied.
  void add(const AuditRecord& record);
  /// Errors: as for add(), also if the file is not the one under its name any more.
  void commit(Durable where = Durable::in_journal);
  /// After an error of add() or commit(): forgets what was added.
  void roll_back() noexcept;

  /// Puts the file away if it is large enough. What fails is said, and tried later.
  void rotate_if_due();
  /// Writes a checkpoint if there are records without one for long enough. Errors: as for commit().
  void checkpoint_if_due();
  /// Errors: unavailable: the file is not the one under its name any more.
  void look();
  /// Tries whether it can be written again. Errors: as for commit().
  void recover();
  /// False: the file has no records, and stays. Errors: as for commit().
  bool reopen();
  /// The last checkpoint. Errors: as for commit().
  void stop();

  std::uint64_t syncs() const { return syncs_; }

 private:
  std::optional<std::string> what_was_lost() const;
  using Clock = std::chrono::steady_clock;

  void write();
  void sync(Durable where = Durable::in_journal);
  void checkpoint(std::string_view reason);
  void put_away();
  void go_on_in_new_file();

  const AuditLogSettings settings_;
  const SigningKey key_;
  const std::function<void(std::string_view)> say_;
  AuditFile::End end_;  // As the file was found; before file_, which finds it.
  AuditFile file_;
  AuditJournal journal_;  // Behind file_, which holds the lock.
  AuditLines lines_;
  AuditHead durable_;
  std::uint64_t first_sequence_;       // Of the file.
  std::uint64_t records_in_file_ = 0;  // That are durable; what was there before counts as one.
  std::uint64_t added_ = 0;            // Since the last sync().
  bool in_parts_ = false;              // What is written by the next one.
  std::uint64_t since_checkpoint_ = 0, durable_since_checkpoint_ = 0;  // Records.
  Clock::time_point unsigned_from_;  // While there are durable records behind the checkpoint.
  std::uint64_t rotate_at_;
  bool is_altered_ = false;      // By somebody else: the file is left as it is, for evidence.
  bool needs_new_file_ = false;  // It was put away, and no other was made yet.
  std::string head_to_say_;      // Of a checkpoint that is not durable yet.
  std::uint64_t syncs_ = 0;
};

}  // namespace kist::core
