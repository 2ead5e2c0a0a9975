// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loader/file_descriptor.hpp"

namespace kist::core {

/// One file of an audit log, opened when it was found.
struct AuditPart {
  std::filesystem::path path;
  std::shared_ptr<const FileDescriptor> opened;  ///< Shared: the list of parts is copied.
  std::uint64_t bytes = 0;                       ///< When it was found.
  std::uint64_t inode = 0, device = 0;
  std::optional<std::uint64_t> first_sequence;  ///< Nothing: its first line is none.

  /// "audit file '/var/log/kist/audit.jsonl'".
  std::string name() const;
};

/// Which sequence the name of a file that was put away says that it begins with; nothing: it has no
/// such name.
std::optional<std::uint64_t> sequence_in_name(const std::filesystem::path& path);

/// Those that were put away beside `path`: its name, a point and digits. The oldest comes first;
/// empty ones are left out. Errors: unavailable.
std::vector<AuditPart> rotated_audit_files(const std::filesystem::path& path);

/// rotated_audit_files(), and behind them the file itself, if it is there.
/// Errors: not_found: there is none at all; permission_denied; unavailable.
std::vector<AuditPart> audit_files(const std::filesystem::path& path);

/// Those that are named, in the order of their first lines. Errors: as above.
std::vector<AuditPart> audit_files_named(const std::vector<std::filesystem::path>& paths);

/// Reads a file line by line in bounded memory, up to where it ends now.
class AuditLineReader {
 public:
  enum class Found {
    line,
    torn,      ///< What lies behind the last line end.
    too_long,  ///< More than kAuditLineBytesMax without a line end.
    end
  };

  /// `part` outlives it.
  explicit AuditLineReader(const AuditPart& part, std::uint64_t offset = 0);

  /// The text is valid until the next call, and has no line end. Errors: permission_denied;
  /// unavailable.
  Found next(std::string_view& text);
  /// Where the line behind the one given last begins.
  std::uint64_t offset() const { return offset_; }

 private:
  bool fill();

  const AuditPart& part_;
  std::string buffer_;
  std::size_t begin_ = 0, end_ = 0;  // Of what was read and not given, in buffer_.
  std::uint64_t offset_;
};

}  // namespace kist::core
