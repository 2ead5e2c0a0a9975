// SPDX-License-Identifier: Apache-2.0
#include "audit/audit_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include <kist/error.hpp>

#include "audit/audit_files.hpp"
#include "audit/audit_journal.hpp"
#include "audit/audit_log.hpp"
#include "audit/read_range.hpp"
#include "text/printable.hpp"

namespace kist::core {
namespace {

constexpr int kOpenFlags = O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;

/// So much of the file may not be synced: what the journal holds, and behind it one batch. Each
/// record takes some 430 bytes.
constexpr std::uint64_t kUnsyncedBytesMax = AuditJournal::kBytes + kAuditQueueMax * 1024;

PrivateFile named(const std::filesystem::path& path) {
  return {path, "audit file " + in_quotes(path.native(), 4096), 0};
}

Error not_what_its_hash_says(const std::string& file) {
  return {ErrorCode::failed_precondition,
          "the last line of " + file +
              " is not what its hash says, so nothing is added to it; 'kist audit verify' finds "
              "the first line that was altered. Move the file away, keep it for whoever looks into "
              "it, and start the host: it begins a new one"};
}

/// The last whole line of a file with so many bytes, and how many lie behind it.
AuditHead end_of(const PrivateFile& file, int descriptor, std::uint64_t size, AuditFile::End& end) {
  const std::uint64_t window = std::min<std::uint64_t>(size, 2 * kAuditLineBytesMax);
  const std::string tail = read_range(file, descriptor, size - window, size);
  const std::size_t line_end = tail.rfind('\n');
  end.torn_bytes = line_end == std::string::npos ? tail.size() : tail.size() - line_end - 1;
  if (end.torn_bytes >= kAuditLineBytesMax) throw file.refusal("is no audit log");
  if (line_end == std::string::npos) return {};
  std::string_view line = std::string_view(tail).substr(0, line_end);
  line.remove_prefix(line.rfind('\n') + 1);  // npos + 1 is 0.
  AuditHasher hasher;
  const auto parsed = parse_good_audit_line(line, hasher);
  if (!parsed) throw not_what_its_hash_says(file.name);
  end.is_stopped = parsed->reason == "stop";
  AuditHead head{parsed->sequence, {}};
  parsed->hash.copy(head.hash.data(), head.hash.size());
  return head;
}

/// Some network file systems have no rename that replaces nothing.
bool rename_to_new(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno != EINVAL) return false;
  struct stat status {};
  if (::lstat(to.c_str(), &status) == 0) {
    errno = EEXIST;
    return false;
  }
  return ::rename(from.c_str(), to.c_str()) == 0;
}

/// Where a new file goes on: behind the newest of those beside it. Who put it away and has not made
/// a new one yet holds its lock still.
AuditHead head_before(const std::filesystem::path& path) {
  const std::vector<AuditPart> rotated = rotated_audit_files(path);
  if (rotated.empty()) return {};
  const AuditPart& newest = rotated.back();
  const PrivateFile file = named(newest.path);
  if (::flock(newest.opened->get(), LOCK_SH | LOCK_NB) != 0)
    throw file.refusal("is being written by another process");
  AuditFile::End end;
  return end_of(file, newest.opened->get(), newest.bytes, end);
}

}  // namespace

AuditFile::AuditFile(const std::filesystem::path& path) : file_(named(path)) {}

bool AuditFile::open_or_make(int flags) {
  opened_ = FileDescriptor(::open(file_.path.c_str(), kOpenFlags | flags, 0600));
  return static_cast<bool>(opened_);
}

void AuditFile::check_and_lock() {
  struct stat status {};
  if (::fstat(opened_.get(), &status) != 0) throw file_.failure("read", errno);
  if (!S_ISREG(status.st_mode)) throw file_.refusal("is no regular file");
  if (status.st_uid != ::geteuid())
    throw file_.refusal("belongs to user " + std::to_string(status.st_uid) +
                        "; expected this host's own user");
  if ((status.st_mode & 077) != 0)
    throw file_.refusal("can be read or written by others; run chmod 600 on it");
  if (::flock(opened_.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) throw file_.refusal("is being written by another process");
    throw file_.failure("lock", errno);
  }
  // Another process may have written until it was locked.
  if (::fstat(opened_.get(), &status) != 0) throw file_.failure("read", errno);
  size_ = synced_ = static_cast<std::uint64_t>(status.st_size);
  device_ = status.st_dev;
  inode_ = status.st_ino;
  if (!is_there())
    throw Error(ErrorCode::unavailable, file_.name + " was replaced while it was opened");
}

AuditFile AuditFile::create(const std::filesystem::path& path) {
  AuditFile made(path);
  const bool is_new = made.open_or_make(O_CREAT | O_EXCL);
  if (is_new) {
    if (::fchmod(made.opened_.get(), 0600) != 0) throw made.file_.failure("make", errno);
  } else if (errno != EEXIST || !made.open_or_make(0)) {
    throw made.file_.failure("make", errno);
  }
  made.check_and_lock();
  End end;
  if (made.read_end(end).sequence != 0)
    throw made.file_.refusal("is there already; expected an empty file or none");
  if (end.torn_bytes > 0) made.cut(end.torn_bytes);  // Of a first line that could not be written.
  return made;
}

AuditFile AuditFile::open(const std::filesystem::path& path, End& end) {
  AuditFile opened(path);
  if (!opened.open_or_make(0)) {
    const int error = errno;
    if (error == ELOOP) throw opened.file_.refusal("is a symbolic link; expected a regular file");
    if (error != ENOENT) throw opened.file_.failure("open", error);
    end.head = head_before(path);
    return create(path);
  }
  opened.check_and_lock();
  end.restored = opened.restore_from_journal();
  end.head = opened.read_end(end);
  if (end.head.sequence == 0) end.head = head_before(path);
  return opened;
}

/// Before all else: what the file ends with may be what a crash of the machine has made of it.
std::size_t AuditFile::restore_from_journal() {
  const std::string journal = read_audit_journal(file_.path);
  if (journal.empty()) return 0;
  const std::uint64_t window = std::min(size_, kUnsyncedBytesMax);
  const std::string tail = read_range(file_, opened_.get(), size_ - window, size_);
  const auto repair = repair_audit_log(tail, journal);
  if (!repair) return 0;
  synced_ = size_ - window + repair->keep_bytes;
  restore(repair->lines);
  sync();
  return static_cast<std::size_t>(std::count(repair->lines.begin(), repair->lines.end(), '\n'));
}

AuditHead AuditFile::read_end(End& end) {
  const AuditHead head = end_of(file_, opened_.get(), size_, end);
  if (head.sequence == 0) return head;
  const std::string start =
      read_range(file_, opened_.get(), 0, std::min<std::uint64_t>(size_, kAuditLineBytesMax));
  const auto first = parse_audit_line(std::string_view(start).substr(0, start.find('\n')));
  if (!first)
    throw file_.refusal("does not begin with a line of an audit log; nothing is added to it");
  first_sequence_ = first->sequence;
  return head;
}

void AuditFile::write(std::string_view lines) {
  if (in_doubt_ && !cut_back()) throw file_.failure("cut back", errno);
  while (!lines.empty()) {
    const ::ssize_t count = ::write(opened_.get(), lines.data(), lines.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw file_.failure("write", errno);
    written_ += static_cast<std::uint64_t>(count);
    lines.remove_prefix(static_cast<std::size_t>(count));
  }
}

void AuditFile::sync() {
  if (::fdatasync(opened_.get()) != 0) {
    is_unsure_ = is_unsure_ || synced_ < size_;
    throw file_.failure("write", errno);
  }
  settle();
  synced_ = size_;
}

void AuditFile::settle() {
  size_ += written_;
  written_ = 0;
}

/// After a sync that failed, the system may have let go of what it could not write.
void AuditFile::restore(std::string_view settled) {
  size_ = synced_;
  is_unsure_ = true;
  if (!cut_back()) throw file_.failure("cut back", errno);
  write(settled);
  settle();
  is_unsure_ = false;
}

bool AuditFile::cut_back() noexcept {
  written_ = 0;
  struct stat status {};
  const bool is_shorter =
      ::fstat(opened_.get(), &status) == 0 && static_cast<std::uint64_t>(status.st_size) < size_;
  in_doubt_ = !is_shorter && ::ftruncate(opened_.get(), static_cast<::off_t>(size_)) != 0;
  return !in_doubt_;
}

void AuditFile::cut(std::uint64_t bytes) {
  size_ -= bytes;
  synced_ = size_;
  if (!cut_back()) throw file_.failure("cut", errno);
}

bool AuditFile::is_there() const {
  struct stat status {};
  return ::lstat(file_.path.c_str(), &status) == 0 && status.st_ino == inode_ &&
         status.st_dev == device_;
}

bool AuditFile::is_whole() const {
  struct stat status {};
  return in_doubt_ || (::fstat(opened_.get(), &status) == 0 &&
                       static_cast<std::uint64_t>(status.st_size) == size_ + written_);
}

bool AuditFile::has_name() const {
  struct stat status {};
  return ::fstat(opened_.get(), &status) == 0 && status.st_nlink > 0;
}

std::filesystem::path AuditFile::put_away(std::uint64_t first_sequence) {
  char digits[32];
  std::snprintf(digits, sizeof digits, ".%012llu", static_cast<unsigned long long>(first_sequence));
  std::filesystem::path away = file_.path;
  away += digits;
  if (!rename_to_new(file_.path, away)) {
    if (errno == EEXIST)
      throw Error(ErrorCode::already_exists, named(away).name + " is there already, so that " +
                                                 file_.name +
                                                 " cannot be put away under that name");
    throw file_.failure("put away", errno);
  }
  return away;
}

void AuditFile::sync_directory() const {
  const std::filesystem::path parent = file_.path.parent_path();
  const FileDescriptor opened(
      ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened || ::fsync(opened.get()) != 0) throw file_.failure("write", errno);
}

}  // namespace kist::core
