// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "config/private_file.hpp"
#include "loader/file_descriptor.hpp"

namespace kist::core {

/// The file beside a log where its lines are durable first: FILE.journal. It has its whole size
/// from the start, so that a sync of it writes bytes over bytes and nothing else, which a disk does
/// in half the time that a file takes which grows. The log gets the same lines at the same time,
/// and is synced itself when the journal is full. One thread at a time, which holds the log's lock.
class AuditJournal {
 public:
  static constexpr std::size_t kBytes = std::size_t{1} << 20;

  /// Opens it, or makes it. Where that fails there is none, and `say` gets the reason.
  AuditJournal(const std::filesystem::path& log, std::function<void(std::string_view)> say);

  /// Makes lines durable, behind those that it keeps. False: there is no room, or it cannot be
  /// written, which is said once; the log must be synced.
  bool keep(std::string_view lines);
  /// All that was kept is durable in the log.
  void begin_anew() { size_ = 0; }
  /// What was kept since then. Errors: permission_denied; unavailable.
  std::string kept() const;

 private:
  void open();
  void fill();
  void write(std::string_view bytes, std::size_t at);
  void fail(const Error& error);

  const PrivateFile file_;
  const std::function<void(std::string_view)> say_;
  FileDescriptor opened_;  // None: there is no journal.
  std::size_t size_ = 0;
  bool fails_ = false;
};

/// The text of the journal of a log; empty: there is none that may be believed.
std::string read_audit_journal(const std::filesystem::path& log);

/// Of the lines that a journal begins with, the last one's; 0: there is none.
std::uint64_t last_sequence_in_journal(std::string_view journal);

/// What a log lacks of what its journal holds.
struct AuditRepair {
  std::uint64_t keep_bytes;  ///< Of `tail`; what lies behind is no line.
  std::string_view lines;    ///< Of the journal; they belong there.
};

/// Compares the end of a log, as a crash of the machine has left it, with its journal. Nothing: the
/// log has all of it, has gone on without it, or the journal is of another time or log.
std::optional<AuditRepair> repair_audit_log(std::string_view tail, std::string_view journal);

}  // namespace kist::core
