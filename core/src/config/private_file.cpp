// SPDX-License-Identifier: Apache-2.0
#include "config/private_file.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <system_error>

#include "loader/file_descriptor.hpp"
#include "secrets/uuid.hpp"

namespace kist::core {
namespace {

/// Whoever holds the lock reads and writes some kilobytes.
constexpr std::chrono::seconds kLockDeadline{10};
constexpr int kLockRetryMs = 5;

/// Negative: there is no such file. O_NONBLOCK, so that a pipe in its place is not waited for.
FileDescriptor open_existing(const PrivateFile& file, int access) {
  FileDescriptor opened(
      ::open(file.path.c_str(), access | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
  if (opened || errno == ENOENT) return opened;
  if (errno == ELOOP) throw file.refusal("is a symbolic link; expected a regular file");
  if (errno == EISDIR) throw file.refusal("is no regular file");
  throw file.failure("open", errno);
}

struct stat status_of(const FileDescriptor& opened, const PrivateFile& file) {
  struct stat status {};
  if (::fstat(opened.get(), &status) != 0) throw file.failure("read", errno);
  return status;
}

/// Why others can get at what it holds.
std::optional<std::string> fault_of(const struct stat& status, ::mode_t mode_max) {
  if (status.st_uid != ::geteuid() && status.st_uid != 0)
    return "belongs to user " + std::to_string(status.st_uid) +
           "; expected the user of this process or root";
  if ((status.st_mode & 077 & ~mode_max) != 0)
    return "can be read or written by others; run chmod 600 on it";
  return std::nullopt;
}

void check(const PrivateFile& file, const struct stat& status) {
  if (!S_ISREG(status.st_mode)) throw file.refusal("is no regular file");
  if (const auto fault = fault_of(status, file.mode_max)) throw file.refusal(*fault);
  if (static_cast<std::uintmax_t>(status.st_size) > file.bytes_max)
    throw file.refusal("is larger than " + std::to_string(file.bytes_max) + " bytes");
}

/// Straight into memory that is wiped, which must be as large as the file is now.
SecretValue read_checked(const FileDescriptor& opened, const PrivateFile& file) {
  const struct stat status = status_of(opened, file);
  check(file, status);
  const auto size = static_cast<std::size_t>(status.st_size);
  std::size_t done = 0;
  SecretValue text = SecretValue::written(size, [&](char* memory) {
    while (done < size) {
      const ::ssize_t count = ::read(opened.get(), memory + done, size - done);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) throw file.failure("read", errno);
      if (count == 0) break;
      done += static_cast<std::size_t>(count);
    }
  });
  if (done < size)
    throw Error(ErrorCode::unavailable, file.name + " was cut short while it was read");
  return text;
}

bool is_still_there(const FileDescriptor& opened, const PrivateFile& file) {
  struct stat there {};
  const struct stat held = status_of(opened, file);
  return ::lstat(file.path.c_str(), &there) == 0 && there.st_ino == held.st_ino &&
         there.st_dev == held.st_dev;
}

/// Waits until this process alone holds the file that is there now: who waited may hold one that
/// has been replaced. Nobody is told when a lock gets free, so that is asked again and again.
FileDescriptor lock(const PrivateFile& file) {
  const auto deadline = std::chrono::steady_clock::now() + kLockDeadline;
  while (true) {
    FileDescriptor opened = open_existing(file, O_RDWR);
    if (!opened) throw file.failure("open", ENOENT);
    const bool locked = ::flock(opened.get(), LOCK_EX | LOCK_NB) == 0;
    if (!locked && errno != EWOULDBLOCK && errno != EINTR) throw file.failure("lock", errno);
    if (locked && is_still_there(opened, file)) return opened;
    if (std::chrono::steady_clock::now() > deadline)
      throw Error(ErrorCode::unavailable, file.name + " has been locked by another process for " +
                                              std::to_string(kLockDeadline.count()) + " s");
    ::poll(nullptr, 0, kLockRetryMs);
  }
}

/// A file of the same directory that goes away again under its first name.
class Draft {
 public:
  explicit Draft(const PrivateFile& file)
      : file_(file),
        path_(file.path.parent_path() /
              ("." + file.path.filename().native() + "." + new_uuid().to_hex())),
        opened_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)) {
    if (!opened_) throw file.failure("make", errno);
  }
  ~Draft() { ::unlink(path_.c_str()); }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;

  const std::filesystem::path& path() const { return path_; }

  void write(std::string_view text) {
    if (text.size() > file_.bytes_max)
      throw file_.refusal("would be larger than " + std::to_string(file_.bytes_max) + " bytes");
    if (::fchmod(opened_.get(), 0600) != 0) throw file_.failure("make", errno);
    while (!text.empty()) {
      const ::ssize_t count = ::write(opened_.get(), text.data(), text.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) throw file_.failure("write", errno);
      text.remove_prefix(static_cast<std::size_t>(count));
    }
    if (::fsync(opened_.get()) != 0) throw file_.failure("write", errno);
  }

 private:
  const PrivateFile& file_;
  std::filesystem::path path_;
  FileDescriptor opened_;
};

void sync_directory(const PrivateFile& file) {
  const std::filesystem::path parent = file.path.parent_path();
  const FileDescriptor opened(
      ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened || ::fsync(opened.get()) != 0) throw file.failure("write", errno);
}

}  // namespace

ErrorCode code_of_system_error(int error) {
  if (error == ENOENT || error == ENOTDIR) return ErrorCode::not_found;
  if (error == EACCES || error == EPERM || error == EROFS) return ErrorCode::permission_denied;
  return ErrorCode::unavailable;
}

Error PrivateFile::refusal(const std::string& why) const {
  return {ErrorCode::failed_precondition, name + " " + why};
}

Error PrivateFile::failure(const char* what, int error) const {
  return {code_of_system_error(error), std::string("cannot ") + what + " " + name + ": " +
                                           std::generic_category().message(error)};
}

std::optional<std::string> why_not_private(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return fault_of(status, 0600);
}

std::optional<SecretValue> read_private_file(const PrivateFile& file) {
  const FileDescriptor opened = open_existing(file, O_RDONLY);
  if (!opened) return std::nullopt;
  return read_checked(opened, file);
}

bool create_private_file(const PrivateFile& file, SecretView text) {
  Draft draft(file);
  draft.write(text.reveal());
  // A link, unlike a rename, does not replace what another has written.
  if (::link(draft.path().c_str(), file.path.c_str()) != 0) {
    if (errno == EEXIST) return false;
    throw file.failure("make", errno);
  }
  sync_directory(file);
  return true;
}

void change_private_file(
    const PrivateFile& file,
    const std::function<std::optional<SecretValue>(const SecretValue&)>& change) {
  const FileDescriptor held = lock(file);
  const std::optional<SecretValue> text = change(read_checked(held, file));
  if (!text) return;
  Draft draft(file);
  draft.write(text->reveal());
  if (::rename(draft.path().c_str(), file.path.c_str()) != 0) throw file.failure("write", errno);
  sync_directory(file);
}

}  // namespace kist::core
