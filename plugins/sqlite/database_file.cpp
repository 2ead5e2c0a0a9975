// SPDX-License-Identifier: Apache-2.0
#include "database_file.hpp"

#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <string>
#include <string_view>
#include <system_error>

#include <kist/plugin.hpp>

namespace kist::sqlite {

namespace {

constexpr mode_t kFileMode = 0600;
constexpr mode_t kForeignAccess = 0077;

Error refused(ErrorCode code, const std::filesystem::path& path, std::string_view reason) {
  return {code, "sqlite: cannot open '" + path.string() + "': " + std::string(reason)};
}

std::string octal(mode_t mode) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%04o", static_cast<unsigned>(mode & 07777));
  return text.data();
}

std::filesystem::path resolve_directory(const std::filesystem::path& path) {
  if (!path.is_absolute() || !path.has_filename())
    throw refused(ErrorCode::invalid_argument, path, "it is not the absolute path of a file");
  std::error_code failed;
  const auto directory = std::filesystem::canonical(path.parent_path(), failed);
  if (failed) {
    throw refused(ErrorCode::failed_precondition, path,
                  "its directory cannot be reached (" + failed.message() +
                      "); it must exist, and is not created");
  }
  return directory / path.filename();
}

/// Never opens the file: closing a descriptor of it would drop the locks that SQLite holds for
/// other stores of this process.
bool is_there(const std::filesystem::path& path) {
  struct stat file {};
  if (::lstat(path.c_str(), &file) != 0) {
    if (errno == ENOENT) return false;
    throw refused(ErrorCode::failed_precondition, path, std::system_category().message(errno));
  }
  if (S_ISLNK(file.st_mode))
    throw refused(ErrorCode::failed_precondition, path, "it is a symbolic link");
  if (!S_ISREG(file.st_mode))
    throw refused(ErrorCode::failed_precondition, path, "it is not a regular file");
  if ((file.st_mode & kForeignAccess) != 0 || (file.st_mode & kFileMode) != kFileMode) {
    throw refused(ErrorCode::failed_precondition, path,
                  "its mode is " + octal(file.st_mode) + ", expected " + octal(kFileMode));
  }
  return true;
}

/// False if someone else created it first.
bool create(const std::filesystem::path& path) {
  if (::mknod(path.c_str(), S_IFREG | kFileMode, 0) != 0) {
    if (errno == EEXIST) return false;
    const ErrorCode code = errno == ENOSPC || errno == EDQUOT ? ErrorCode::resource_exhausted
                                                              : ErrorCode::failed_precondition;
    throw refused(code, path, std::system_category().message(errno));
  }
  // The umask may have taken bits away from the owner.
  if (::chmod(path.c_str(), kFileMode) != 0)
    throw refused(ErrorCode::failed_precondition, path, std::system_category().message(errno));
  return true;
}

}  // namespace

void DatabaseFile::require_in_place() const {
  struct stat file {};
  if (::lstat(path.c_str(), &file) == 0 && file.st_dev == device && file.st_ino == inode) return;
  Error error(ErrorCode::unavailable,
              "sqlite: '" + path.string() + "' was moved, removed or replaced while it was open");
  error.store_broken = true;
  throw error;
}

DatabaseFile prepare_database_file(const std::filesystem::path& path) {
  const auto resolved = resolve_directory(path);
  if (!is_there(resolved) && !create(resolved)) is_there(resolved);
  for (const char* suffix : {"-wal", "-shm", "-journal"}) is_there(resolved.string() + suffix);
  struct stat file {};
  if (::lstat(resolved.c_str(), &file) != 0)
    throw refused(ErrorCode::failed_precondition, path, std::system_category().message(errno));
  return {resolved, file.st_dev, file.st_ino};
}

}  // namespace kist::sqlite
