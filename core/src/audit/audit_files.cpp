// SPDX-License-Identifier: Apache-2.0
#include "audit/audit_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <kist/error.hpp>

#include "audit/audit_line.hpp"
#include "config/private_file.hpp"
#include "text/printable.hpp"

namespace kist::core {
namespace {

constexpr std::size_t kReadBytes = 4 * kAuditLineBytesMax;
static_assert(kReadBytes >= 2 * kAuditLineBytesMax, "a line must fit, and more be read behind it");

Error failure(const AuditPart& part, const char* what, int error) {
  return PrivateFile{part.path, part.name(), 0}.failure(what, error);
}

/// Reads at most `size` bytes. Errors: as above.
std::size_t read_at(const AuditPart& part, char* out, std::size_t size, std::uint64_t offset) {
  while (true) {
    const ::ssize_t count = ::pread(part.opened->get(), out, size, static_cast<::off_t>(offset));
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) throw failure(part, "read", errno);
  }
}

/// Nothing: there is no such file.
std::optional<AuditPart> open_part(const std::filesystem::path& path) {
  AuditPart part;
  part.path = path;
  FileDescriptor opened(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!opened && errno == ENOENT) return std::nullopt;
  if (!opened) throw failure(part, "open", errno);
  part.opened = std::make_shared<const FileDescriptor>(std::move(opened));
  struct stat status {};
  if (::fstat(part.opened->get(), &status) != 0) throw failure(part, "read", errno);
  if (!S_ISREG(status.st_mode))
    throw Error(ErrorCode::failed_precondition, part.name() + " is no regular file");
  part.bytes = static_cast<std::uint64_t>(status.st_size);
  part.inode = status.st_ino;
  part.device = status.st_dev;
  AuditLineReader reader(part);
  std::string_view line;
  if (reader.next(line) == AuditLineReader::Found::line) {
    if (const auto parsed = parse_audit_line(line)) part.first_sequence = parsed->sequence;
  }
  return part;
}

bool is_rotated_name(std::string_view name, std::string_view of) {
  if (name.size() < of.size() + 2 || !name.starts_with(of) || name[of.size()] != '.') return false;
  return name.find_first_not_of("0123456789", of.size() + 1) == std::string_view::npos;
}

/// A first line that was altered must not move its file elsewhere, where its name says enough.
std::uint64_t place_of(const AuditPart& part) {
  return sequence_in_name(part.path).value_or(part.first_sequence.value_or(0));
}

void sort_by_place(std::vector<AuditPart>& parts) { std::ranges::stable_sort(parts, {}, place_of); }

}  // namespace

std::optional<std::uint64_t> sequence_in_name(const std::filesystem::path& path) {
  constexpr std::size_t digits = 12;
  const std::string name = path.filename().native();
  const std::size_t point = name.rfind('.');
  if (point == std::string::npos || name.size() - point <= digits ||
      !is_rotated_name(name, std::string_view(name).substr(0, point)))
    return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : name.substr(point + 1)) number = number * 10 + static_cast<unsigned>(c - '0');
  return number;
}

std::string AuditPart::name() const { return "audit file " + in_quotes(path.native(), 4096); }

std::vector<AuditPart> rotated_audit_files(const std::filesystem::path& path) {
  std::vector<AuditPart> parts;
  std::filesystem::path directory = path.parent_path();
  if (directory.empty()) directory = ".";
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::filesystem::path found = path.parent_path() / entry->path().filename();
    if (!is_rotated_name(found.filename().native(), path.filename().native())) continue;
    auto part = open_part(found);
    if (part && part->bytes > 0) parts.push_back(std::move(*part));
  }
  if (error && error != std::errc::no_such_file_or_directory)
    throw Error(
        code_of_system_error(error.value()),
        "cannot read directory " + in_quotes(directory.native(), 4096) + ": " + error.message());
  sort_by_place(parts);
  return parts;
}

std::vector<AuditPart> audit_files(const std::filesystem::path& path) {
  // Opened before the others are looked for: it may be put away meanwhile, and is found twice then.
  std::optional<AuditPart> newest = open_part(path);
  std::vector<AuditPart> parts = rotated_audit_files(path);
  if (newest) {
    std::erase_if(parts, [&](const AuditPart& part) {
      return part.inode == newest->inode && part.device == newest->device;
    });
    parts.push_back(std::move(*newest));
  }
  if (parts.empty())
    throw Error(ErrorCode::not_found, "there is no audit file " + in_quotes(path.native(), 4096));
  return parts;
}

std::vector<AuditPart> audit_files_named(const std::vector<std::filesystem::path>& paths) {
  std::vector<AuditPart> parts;
  for (const std::filesystem::path& path : paths) {
    auto part = open_part(path);
    if (!part)
      throw Error(ErrorCode::not_found, "there is no audit file " + in_quotes(path.native(), 4096));
    parts.push_back(std::move(*part));
  }
  sort_by_place(parts);
  return parts;
}

AuditLineReader::AuditLineReader(const AuditPart& part, std::uint64_t offset)
    : part_(part), offset_(offset) {}

bool AuditLineReader::fill() {
  if (buffer_.empty()) buffer_.resize(kReadBytes);
  if (begin_ > 0) std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  const std::size_t count =
      read_at(part_, buffer_.data() + end_, buffer_.size() - end_, offset_ + end_);
  end_ += count;
  return count > 0;
}

AuditLineReader::Found AuditLineReader::next(std::string_view& text) {
  std::size_t searched = 0;
  while (true) {
    const std::string_view rest(buffer_.data() + begin_, end_ - begin_);
    const std::size_t line_end = rest.find('\n', searched);
    if (line_end != std::string_view::npos && line_end < kAuditLineBytesMax) {
      text = rest.substr(0, line_end);
      begin_ += line_end + 1;
      offset_ += line_end + 1;
      return Found::line;
    }
    if (rest.size() >= kAuditLineBytesMax) {
      text = rest.substr(0, kAuditLineBytesMax);
      return Found::too_long;
    }
    searched = rest.size();
    if (!fill()) break;
  }
  text = std::string_view(buffer_.data() + begin_, end_ - begin_);
  return text.empty() ? Found::end : Found::torn;
}

}  // namespace kist::core
