// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "audit/audit_line.hpp"
#include "config/private_file.hpp"
#include "loader/file_descriptor.hpp"

namespace kist::core {

/// The file that lines are added to: open, locked against other processes, of mode 0600. One thread
/// at a time.
class AuditFile {
 public:
  /// Where the file ends, as it was found.
  struct End {
    AuditHead head;                ///< Of its last whole line, or of the file before it.
    std::uint64_t torn_bytes = 0;  ///< Of a line that a crash has left behind it.
    bool is_stopped = false;       ///< That line says that the host has stopped.
    std::size_t restored = 0;      ///< Lines that were put back from its journal.
  };

  /// Opens the file, or makes it. A new or empty one follows the newest of those that were put away
  /// beside it. Errors: failed_precondition: another process writes it, it belongs to somebody
  /// else, others can read it, its last line is not what its hash says; not_found: there is no such
  /// directory; permission_denied; unavailable.
  static AuditFile open(const std::filesystem::path& path, End& end);
  /// Makes the file; takes one that is there only if it is empty. Errors: as for open().
  static AuditFile create(const std::filesystem::path& path);

  /// Adds lines, which are durable after sync(). Errors: permission_denied; unavailable: a full
  /// disk. What was written since the last sync() is in doubt then: cut_back().
  void write(std::string_view lines);
  /// Errors: as for write(). If lines were settled, they may not be in the file then: restore().
  void sync();
  /// What was written is durable elsewhere: it stays here, and sync() may come later.
  void settle();
  /// Whether a sync() has failed behind lines that were settled.
  bool is_unsure() const { return is_unsure_; }
  /// Writes these anew: all that were settled since the last sync(). Errors: as for write().
  void restore(std::string_view settled);
  /// Cuts off what was written since the last sync(). False: it cannot now; write() tries again. A
  /// file that somebody else has made shorter stays as it is.
  bool cut_back() noexcept;
  /// Cuts `bytes` off the end of the file as it was found.
  void cut(std::uint64_t bytes);

  /// Whether the file is the one under its name still.
  bool is_there() const;
  /// Whether it holds what was written to it, and no more: nobody has cut it, or added to it. True
  /// while a failed write is in doubt.
  bool is_whole() const;
  /// Whether it has a name at all.
  bool has_name() const;
  /// Renames it to FILE.<sequence of its first line>. Gives the new path. Errors: already_exists;
  /// permission_denied; unavailable.
  std::filesystem::path put_away(std::uint64_t first_sequence);
  /// Makes durable that the file is there. Errors: as for write().
  void sync_directory() const;

  std::uint64_t size() const { return size_; }
  /// Of the first line; 0: the file was empty when it was opened.
  std::uint64_t first_sequence() const { return first_sequence_; }
  const PrivateFile& file() const { return file_; }

 private:
  explicit AuditFile(const std::filesystem::path& path);
  bool open_or_make(int flags);
  void check_and_lock();
  AuditHead read_end(End& end);
  std::size_t restore_from_journal();

  PrivateFile file_;
  FileDescriptor opened_;
  ::dev_t device_ = 0;
  ::ino_t inode_ = 0;
  std::uint64_t synced_ = 0;   // Up to which all is durable in it.
  std::uint64_t size_ = 0;     // Up to which all is durable in it or elsewhere.
  std::uint64_t written_ = 0;  // Behind size_, and not durable yet.
  std::uint64_t first_sequence_ = 0;
  bool in_doubt_ = false;   // Something may lie behind size_ that must not stay.
  bool is_unsure_ = false;  // Whether it has what lies between synced_ and size_.
};

}  // namespace kist::core
