// SPDX-License-Identifier: Apache-2.0
#include "loader/plugin_file.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include <openssl/evp.h>

#include "text/printable.hpp"

#ifndef MFD_EXEC  // Linux 6.3; older headers lack it.
#define MFD_EXEC 0x0010U
#endif

namespace kist::core {
namespace {

namespace fs = std::filesystem;

constexpr int kSeals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
constexpr int kSealAttempts = 20, kSealPauseMs = 50;
constexpr std::size_t kMaxPathBytes = 4096;  // PATH_MAX: in messages a path is whole.
constexpr mode_t kWritableByOthers = S_IWGRP | S_IWOTH;

[[noreturn]] void refuse(const fs::path& path, std::string found, std::string expected) {
  throw PluginRefused(path.native(), {"KP-19", std::move(found), std::move(expected)});
}

[[noreturn]] void fail(const fs::path& path, const std::string& action, int number) {
  throw Error(number == ENOENT ? ErrorCode::not_found : ErrorCode::unavailable,
              "plugin '" + printable(path.native(), kMaxPathBytes) + "': cannot " + action + ": " +
                  std::generic_category().message(number));
}

struct stat status_of(int descriptor, const fs::path& path) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) fail(path, "look at it", errno);
  return status;
}

void check_owner(const struct stat& status, const fs::path& path, const std::string& thing) {
  if (status.st_uid != 0 && status.st_uid != ::geteuid())
    refuse(path, thing + " belongs to user " + std::to_string(status.st_uid),
           "root or user " + std::to_string(::geteuid()));
}

void check_directory(int descriptor, const fs::path& directory, const fs::path& plugin_directory) {
  const struct stat status = status_of(descriptor, directory);
  const std::string thing = "the directory '" + printable(directory.native(), kMaxPathBytes) + "'";
  check_owner(status, plugin_directory, thing);
  // In a sticky directory nobody can rename or remove what is ours; but everyone can add a plugin
  // to it.
  const bool sticky_above = (status.st_mode & S_ISVTX) != 0 && directory != plugin_directory;
  if ((status.st_mode & kWritableByOthers) != 0 && !sticky_above)
    refuse(plugin_directory, thing + " is writable by others than its owner", "mode go-w");
}

int open_at(int directory, const std::string& name, std::uint64_t flags) {
  open_how how{};
  how.flags = flags | O_CLOEXEC | O_NOFOLLOW;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(::syscall(SYS_openat2, directory, name.c_str(), &how, sizeof how));
}

void check_name(const fs::path& path, std::string_view name) {
  const bool plain =
      !name.empty() && name.size() <= 255 && name.front() != '.' && name.front() != '-' &&
      std::ranges::all_of(name, [](char c) { return c != '/' && c >= 0x20 && c != 0x7f; });
  if (!plain || name.find("..") != std::string_view::npos)
    refuse(
        path, "the name is '" + printable(name) + "'",
        "a plain file name without '/', '..' and control characters, not starting with '.' or '-'");
}

void check_content(const struct stat& status, const fs::path& path,
                   const PluginFileOptions& options) {
  if (!S_ISREG(status.st_mode)) refuse(path, "it is no regular file", "a regular file");
  if (static_cast<std::uint64_t>(status.st_size) > options.max_bytes)
    refuse(path, "the file has " + std::to_string(status.st_size) + " bytes",
           "at most " + std::to_string(options.max_bytes));
}

void check_file(const struct stat& status, const fs::path& path, const PluginFileOptions& options) {
  check_content(status, path, options);
  if (status.st_nlink != 1)
    refuse(path, "the file has " + std::to_string(status.st_nlink) + " hard links", "one");
  check_owner(status, path, "the file");
  if ((status.st_mode & kWritableByOthers) != 0)
    refuse(path, "the file is writable by others than its owner", "mode go-w");
}

FileDescriptor create_memfd(const fs::path& path, const std::string& name) {
  const std::string label = "kist:" + name.substr(0, 200);  // The kernel takes 249 bytes.
  constexpr unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  int number = ::memfd_create(label.c_str(), flags | MFD_EXEC);
  if (number < 0 && errno == EINVAL) number = ::memfd_create(label.c_str(), flags);
  if (number < 0)
    fail(path,
         errno == EACCES ? "make an executable memory file (is vm.memfd_noexec 2?)"
                         : "make a memory file",
         errno);
  return FileDescriptor(number);
}

void write_all(int descriptor, const char* data, std::size_t size, const fs::path& path) {
  while (size > 0) {
    const ssize_t written = ::write(descriptor, data, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(path, "copy it to memory", errno);
    data += written;
    size -= static_cast<std::size_t>(written);
  }
}

/// EBUSY says that the kernel holds pages of the file for a moment, as when it moves memory about.
void seal(int descriptor, const fs::path& path) {
  for (int attempt = 1; ::fcntl(descriptor, F_ADD_SEALS, kSeals) != 0; ++attempt) {
    if (errno != EBUSY || attempt == kSealAttempts) fail(path, "seal its copy", errno);
    ::poll(nullptr, 0, kSealPauseMs);
  }
}

std::uint64_t copy(int from, int to, const fs::path& path, const PluginFileOptions& options) {
  std::vector<char> buffer(std::size_t{256} << 10);
  std::uint64_t total = 0;
  for (;;) {
    const ssize_t count = ::read(from, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(path, "read it", errno);
    if (count == 0) return total;
    total += static_cast<std::uint64_t>(count);
    if (total > options.max_bytes)
      refuse(path, "the file grows while it is read",
             "at most " + std::to_string(options.max_bytes) + " bytes");
    write_all(to, buffer.data(), static_cast<std::size_t>(count), path);
  }
}

bool same_time(const timespec& a, const timespec& b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

// A writer in place may leave us half of the old and half of the new. Where the clock tells, say
// so; where it does not, the rules and the pin look at what we have, which nobody can change any
// more.
void check_unchanged(const struct stat& before, const struct stat& after, std::uint64_t copied,
                     const fs::path& path) {
  if (before.st_size != after.st_size || static_cast<std::uint64_t>(after.st_size) != copied ||
      !same_time(before.st_mtim, after.st_mtim))
    refuse(path, "the file changed while it was read",
           "one that is replaced by rename, not overwritten");
}

PluginFile copy_to_memory(const FileDescriptor& file, const fs::path& path,
                          const PluginFileOptions& options) {
  const struct stat before = status_of(file.get(), path);
  FileDescriptor memory = create_memfd(path, path.filename().native());
  const std::uint64_t copied = copy(file.get(), memory.get(), path, options);
  check_unchanged(before, status_of(file.get(), path), copied, path);
  seal(memory.get(), path);
  return PluginFile(path, std::move(memory));
}

std::string sha256_of(std::span<const std::byte> bytes) {
  std::array<unsigned char, 32> digest{};
  std::size_t size = digest.size();
  if (EVP_Q_digest(nullptr, "SHA256", nullptr, bytes.data(), bytes.size(), digest.data(), &size) !=
      1)
    throw Error(ErrorCode::internal, "SHA-256 is not available from OpenSSL");
  constexpr std::string_view hex = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : digest) {
    text += hex[byte >> 4];
    text += hex[byte & 15];
  }
  return text;
}

bool same_hex(std::string_view a, std::string_view b) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace

PluginFile::PluginFile(fs::path path, FileDescriptor sealed)
    : path_(std::move(path)), sealed_(std::move(sealed)) {
  const int seals = ::fcntl(sealed_.get(), F_GET_SEALS);
  if (seals < 0 || (seals & kSeals) != kSeals)
    throw Error(ErrorCode::failed_precondition,
                "plugin '" + printable(path_.native(), kMaxPathBytes) +
                    "': its bytes can still change, expected a sealed memory file");
  const auto size = static_cast<std::size_t>(status_of(sealed_.get(), path_).st_size);
  if (size == 0)
    throw PluginRefused(path_.native(), {"KP-20", "the file is empty", "a shared object"});
  void* const start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, sealed_.get(), 0);
  if (start == MAP_FAILED) fail(path_, "map its copy", errno);
  mapping_ = {static_cast<const std::byte*>(start), Unmap{size}};
  sha256_ = sha256_of(bytes());
}

void PluginFile::Unmap::operator()(const std::byte* start) const {
  ::munmap(const_cast<std::byte*>(start), size);
}

FileDescriptor open_plugin_directory(const fs::path& directory) {
  if (!directory.is_absolute() || directory.native().find('\0') != std::string::npos)
    refuse(directory, "the directory is not an absolute path", "one that starts at the root");
  fs::path wanted = directory.lexically_normal();
  if (!wanted.has_filename() && wanted != wanted.root_path()) wanted = wanted.parent_path();

  fs::path walked = wanted.root_path();
  FileDescriptor current(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!current) fail(walked, "open it", errno);
  check_directory(current.get(), walked, wanted);
  for (const fs::path& component : wanted.relative_path()) {
    walked /= component;
    const std::uint64_t access = walked == wanted ? O_RDONLY : O_PATH;
    FileDescriptor next(open_at(current.get(), component.native(), access | O_DIRECTORY));
    if (!next && (errno == ELOOP || errno == ENOTDIR))
      refuse(
          wanted,
          "'" + printable(walked.native(), kMaxPathBytes) + "' is a symbolic link or no directory",
          "directories only");
    if (!next) fail(walked, "open the directory", errno);
    check_directory(next.get(), walked, wanted);
    current = std::move(next);
  }
  return current;
}

PluginFile open_plugin_file(const fs::path& directory, std::string_view name,
                            const PluginFileOptions& options) {
  const fs::path path = directory / name;
  check_name(path, name);
  const FileDescriptor parent = open_plugin_directory(directory);
  const std::string file_name(name);
  const FileDescriptor file(open_at(parent.get(), file_name, O_RDONLY | O_NONBLOCK | O_NOCTTY));
  if (!file && (errno == ELOOP || errno == ENXIO))
    refuse(path, "it is a symbolic link or a socket", "a regular file");
  if (!file) fail(path, "open it", errno);

  check_file(status_of(file.get(), path), path, options);
  return copy_to_memory(file, path, options);
}

PluginFile copy_plugin_file(const fs::path& path, const PluginFileOptions& options) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file) fail(path, "open it", errno);
  check_content(status_of(file.get(), path), path, options);
  return copy_to_memory(file, path, options);
}

void check_pin(const PluginFile& file, std::string_view key, const PluginPolicy& policy) {
  const auto pin = policy.pins.find(key);
  if (pin == policy.pins.end() || same_hex(pin->second, file.sha256())) return;
  throw PluginRefused(file.path().native(),
                      {"KP-25", "the file has SHA-256 " + file.sha256(),
                       printable(pin->second) + ", pinned for '" + printable(key) + "'"});
}

CheckedPlugin check_plugin(PluginFile file, const PluginPolicy& policy) {
  check_pin(file, file.path().filename().native(), policy);
  CheckReport report = check_elf(file.bytes(), policy.elf);
  if (!report.refusals.empty()) throw PluginRefused(file.path().native(), report.refusals.front());
  check_pin(file, report.manifest->id, policy);
  return {std::move(file), std::move(*report.manifest), std::move(report.warnings)};
}

}  // namespace kist::core
