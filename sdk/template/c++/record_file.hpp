// SPDX-License-Identifier: Apache-2.0
#pragma once

// One secret in one file: Header, name, then for each value a ValueHeader, the key and the bytes.
// Numbers are in the byte order of the machine. Values go from the file straight into memory that
// is wiped.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

#include <kist/plugin.hpp>

namespace sample_store {

/// What errno says, as an error of this store: "sample: cannot open '…': Permission denied".
inline kist::Error failure(std::string_view doing, const std::filesystem::path& path) {
  const int number = errno;
  const auto code = number == ENOSPC || number == EDQUOT || number == EMFILE || number == ENFILE
                        ? kist::ErrorCode::resource_exhausted
                    : number == EACCES || number == EPERM || number == EROFS
                        ? kist::ErrorCode::failed_precondition
                        : kist::ErrorCode::unavailable;
  return {code, "sample: cannot " + std::string(doing) + " '" + path.string() +
                    "': " + std::generic_category().message(number)};
}

/// An open file or directory.
class File {
 public:
  File(std::filesystem::path path, int flags)
      : path_(std::move(path)), descriptor_(::open(path_.c_str(), flags | O_CLOEXEC, 0600)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (is_open()) ::close(descriptor_);
  }

  bool is_open() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }
  const std::filesystem::path& path() const { return path_; }

  /// Until this returns, a crash may undo what was written.
  void sync() const {
    if (::fsync(descriptor_) != 0) throw failure("sync", path_);
  }

 private:
  std::filesystem::path path_;
  int descriptor_;
};

/// FNV-1a: finds a damaged record. It keeps nobody from forging one; the mode 0600 does.
class Checksum {
 public:
  void add(const void* data, std::size_t size) {
    const auto* bytes = static_cast<const unsigned char*>(data);
    for (std::size_t i = 0; i < size; ++i) sum_ = (sum_ ^ bytes[i]) * 0x100000001b3u;
  }
  std::uint64_t get() const { return sum_; }

 private:
  std::uint64_t sum_ = 0xcbf29ce484222325u;
};

struct Header {
  std::array<char, 8> magic = {'k', 'i', 's', 't', 'd', 'i', 'r', '1'};
  kist::Uuid id, workspace_id, user_id;
  kist::Scope scope{};
  std::uint32_t name_size = 0;
  std::int64_t created = 0, updated = 0;
  std::uint64_t revision = 0, value_count = 0;
  std::uint64_t values_checksum = 0;    // Of all that follows the name.
  std::uint64_t metadata_checksum = 0;  // Of the header up to here, and the name.
};
struct ValueHeader {
  std::uint32_t key_size, value_size;
};
static_assert(std::has_unique_object_representations_v<Header>, "no padding in the file");

inline std::uint64_t metadata_checksum(const Header& header, std::string_view name) {
  Checksum checksum;
  checksum.add(&header, offsetof(Header, metadata_checksum));
  checksum.add(name.data(), name.size());
  return checksum.get();
}

/// Hands the bytes of the values to `take(data, size)`, piece by piece, as they lie in the file.
template <class Take>
void each_piece(const kist::SecretValues& values, Take take) {
  for (const auto [key, value] : values) {
    const ValueHeader header{static_cast<std::uint32_t>(key.size()),
                             static_cast<std::uint32_t>(value.size())};
    take(&header, sizeof(header));
    take(key.data(), key.size());
    take(value.reveal().data(), value.size());
  }
}

/// Writes `secret` to `path`, whatever was there, and syncs it.
inline void write_record(const std::filesystem::path& path, const kist::Secret& secret) {
  const File file(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW);
  if (!file.is_open()) throw failure("create", path);
  const auto write = [&](const void* data, std::size_t size) {
    const char* rest = static_cast<const char*>(data);
    while (size > 0) {
      const ssize_t count = ::write(file.descriptor(), rest, size);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) throw failure("write", path);
      rest += count;
      size -= static_cast<std::size_t>(count);
    }
  };
  Checksum values_checksum;
  each_piece(secret.values,
             [&](const void* data, std::size_t size) { values_checksum.add(data, size); });
  Header header{.id = secret.id,
                .workspace_id = secret.workspace_id,
                .user_id = secret.user_id,
                .scope = secret.scope,
                .name_size = static_cast<std::uint32_t>(secret.name.size()),
                .created = secret.created.time_since_epoch().count(),
                .updated = secret.updated.time_since_epoch().count(),
                .revision = secret.revision,
                .value_count = secret.values.size(),
                .values_checksum = values_checksum.get()};
  header.metadata_checksum = metadata_checksum(header, secret.name);
  write(&header, sizeof(header));
  write(secret.name.data(), secret.name.size());
  each_piece(secret.values, write);
  file.sync();
}

/// Reads one record. A record that is damaged does not throw: each part says whether it is whole.
class RecordReader {
 public:
  /// Opens it; is_there() says whether there was one.
  RecordReader(const std::filesystem::path& path, const kist::Uuid& id)
      : file_(path, O_RDONLY | O_NOFOLLOW), id_(id) {
    if (!file_.is_open() && errno != ENOENT) throw failure("open", path);
    struct stat status {};
    if (is_there() && ::fstat(file_.descriptor(), &status) == 0)
      left_ = static_cast<std::uint64_t>(status.st_size);
  }
  bool is_there() const { return file_.is_open(); }

  /// Everything but the values; `readable` is false, and only `id` is set, if it is damaged.
  kist::SecretMetadata metadata() {
    kist::SecretMetadata record;
    record.id = id_;
    record.readable = false;
    if (!read(&header_, sizeof(header_)) || header_.magic != Header().magic || header_.id != id_ ||
        header_.name_size > left_)
      return record;
    std::string name(header_.name_size, '\0');
    if (!read(name.data(), name.size()) ||
        metadata_checksum(header_, name) != header_.metadata_checksum)
      return record;
    record.name = std::move(name);
    record.scope = header_.scope;
    record.workspace_id = header_.workspace_id;
    record.user_id = header_.user_id;
    record.created = kist::Timestamp(std::chrono::microseconds(header_.created));
    record.updated = kist::Timestamp(std::chrono::microseconds(header_.updated));
    record.revision = header_.revision;
    record.readable = true;
    return record;
  }

  /// To be called once, behind metadata() that is readable. Nothing, if they are damaged.
  std::optional<kist::SecretValues> values() {
    kist::SecretValues values;
    Checksum checksum;
    for (std::uint64_t i = 0; i < header_.value_count; ++i) {
      ValueHeader sizes{};
      if (!read(&sizes, sizeof(sizes))) return std::nullopt;
      if (std::uint64_t{sizes.key_size} + sizes.value_size > left_) return std::nullopt;
      std::string key(sizes.key_size, '\0');
      if (!read(key.data(), key.size())) return std::nullopt;
      char* const value = values.reserve_value(key, sizes.value_size);
      if (!read(value, sizes.value_size)) return std::nullopt;
      checksum.add(&sizes, sizeof(sizes));
      checksum.add(key.data(), key.size());
      checksum.add(value, sizes.value_size);
    }
    if (checksum.get() != header_.values_checksum || left_ != 0) return std::nullopt;
    return values;
  }

 private:
  /// False at the end of the file, and when the disk cannot read it.
  bool read(void* data, std::size_t size) {
    char* rest = static_cast<char*>(data);
    while (size > 0) {
      const ssize_t count = ::read(file_.descriptor(), rest, size);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return false;
      rest += count;
      size -= static_cast<std::size_t>(count);
      left_ -= static_cast<std::uint64_t>(count);
    }
    return true;
  }

  File file_;
  kist::Uuid id_;
  std::uint64_t left_ = 0;  // Bytes of the file that are not read yet.
  Header header_;
};

}  // namespace sample_store
