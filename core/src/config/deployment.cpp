// SPDX-License-Identifier: Apache-2.0
#include "config/deployment.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <system_error>

#include <kist/error.hpp>
#include <kist/secret_value.hpp>

#include "config/json_document.hpp"
#include "loader/file_descriptor.hpp"
#include "secrets/uuid.hpp"
#include "text/printable.hpp"

namespace kist::core {
namespace {

constexpr std::size_t kFileBytesMax = 4096;
constexpr std::string_view kIdKey = "deployment_id", kCursorKeyKey = "cursor_key";

ErrorCode code_of(int error) {
  if (error == ENOENT || error == ENOTDIR) return ErrorCode::not_found;
  if (error == EACCES || error == EPERM || error == EROFS) return ErrorCode::permission_denied;
  return ErrorCode::unavailable;
}

Error system_failure(const char* what, const std::filesystem::path& path, int error) {
  return {code_of(error), "cannot " + std::string(what) + " deployment file " +
                              in_quotes(path.native(), 4096) + ": " +
                              std::generic_category().message(error)};
}

Error refusal(const std::filesystem::path& path, const std::string& why) {
  return {ErrorCode::failed_precondition,
          "deployment file " + in_quotes(path.native(), 4096) + " " + why};
}

std::string to_hex(const CursorKey& key) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : key) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

/// The key is as long as two UUIDs, whose parser knows hexadecimal digits.
std::optional<CursorKey> key_from_hex(std::string_view text) {
  if (text.size() != 64) return std::nullopt;
  const auto first = Uuid::parse(text.substr(0, 32)), second = Uuid::parse(text.substr(32));
  if (!first || !second) return std::nullopt;
  CursorKey key;
  std::copy(first->bytes.begin(), first->bytes.end(), key.begin());
  std::copy(second->bytes.begin(), second->bytes.end(), key.begin() + 16);
  return key;
}

void check_owner_and_mode(const std::filesystem::path& path, const struct stat& status) {
  if (!S_ISREG(status.st_mode)) throw refusal(path, "is no regular file");
  if (status.st_uid != ::geteuid() && status.st_uid != 0)
    throw refusal(path, "belongs to user " + std::to_string(status.st_uid) +
                            "; expected this host's own user or root");
  if ((status.st_mode & 077) != 0)
    throw refusal(path, "can be read or written by others; run chmod 600 on it");
  if (status.st_size > static_cast<off_t>(kFileBytesMax))
    throw refusal(path, "is larger than " + std::to_string(kFileBytesMax) + " bytes");
}

SecretValue read_all(int descriptor, const std::filesystem::path& path) {
  std::array<char, kFileBytesMax> bytes;
  std::size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t count = ::read(descriptor, bytes.data() + size, bytes.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw system_failure("read", path, errno);
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  SecretValue text(std::string_view(bytes.data(), size));
  wipe(bytes.data(), size);
  return text;
}

std::string_view string_member(const JsonNode& object, std::string_view key) {
  const JsonMember* const member = object.kind == JsonKind::object ? object.member(key) : nullptr;
  if (member == nullptr || member->value.kind != JsonKind::string) return {};
  return member->value.text.reveal();
}

Deployment parse(const std::filesystem::path& path, const SecretValue& text) {
  const auto damaged = [&](const std::string& how) {
    return refusal(path, "is damaged: " + how + "; restore it from a backup");
  };
  try {
    const JsonDocument document =
        parse_json_document(text.reveal(), std::string(kDeploymentFileName));
    const auto id = Uuid::parse(string_member(document.root, kIdKey));
    const auto key = key_from_hex(string_member(document.root, kCursorKeyKey));
    if (!id) throw damaged("it has no 'deployment_id' that is a UUID");
    if (!key) throw damaged("it has no 'cursor_key' of 64 hexadecimal digits");
    return {*id, *key};
  } catch (const Error& error) {
    if (error.code != ErrorCode::invalid_argument) throw;
    throw damaged("it is no JSON");  // The parser's sentence may quote a part of the key.
  }
}

/// Nothing: there is no such file.
std::optional<Deployment> read(const std::filesystem::path& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (file.get() < 0) {
    if (errno == ENOENT) return std::nullopt;
    if (errno == ELOOP) throw refusal(path, "is a symbolic link; expected a regular file");
    throw system_failure("open", path, errno);
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) throw system_failure("read", path, errno);
  check_owner_and_mode(path, status);
  return parse(path, read_all(file.get(), path));
}

void write_all(int descriptor, std::string_view text, const std::filesystem::path& path) {
  while (!text.empty()) {
    const ssize_t count = ::write(descriptor, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw system_failure("write", path, errno);
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  if (::fsync(descriptor) != 0) throw system_failure("write", path, errno);
}

/// A draft's name says nothing to people, and neither does the file that is not there yet.
Error failure_to_make(const DeploymentDirectory& directory, int error) {
  return {code_of(error), "cannot make the deployment file in the directory " +
                              in_quotes(directory.path.native(), 4096) + " of " + directory.source +
                              ": " + std::generic_category().message(error)};
}

void check_directory(const DeploymentDirectory& directory) {
  struct stat status {};
  const bool is_there = ::stat(directory.path.c_str(), &status) == 0;
  if (is_there && S_ISDIR(status.st_mode)) return;
  const std::string name =
      "the directory " + in_quotes(directory.path.native(), 4096) + " of " + directory.source;
  if (is_there || errno == ENOTDIR)
    throw Error(ErrorCode::failed_precondition, name + " is no directory");
  if (errno == ENOENT)
    throw Error(ErrorCode::failed_precondition, name + " does not exist; create it first");
  throw Error(code_of(errno),
              name + " cannot be reached: " + std::generic_category().message(errno));
}

/// A file that goes away again under its first name.
class DraftFile {
 public:
  explicit DraftFile(std::filesystem::path path)
      : path_(std::move(path)),
        file_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)) {}
  ~DraftFile() { ::unlink(path_.c_str()); }
  DraftFile(const DraftFile&) = delete;
  DraftFile& operator=(const DraftFile&) = delete;

  const std::filesystem::path& path() const { return path_; }
  int descriptor() const { return file_.get(); }  ///< Negative: errno says why.

 private:
  std::filesystem::path path_;
  FileDescriptor file_;
};

/// False: another host was first. A link, unlike a rename, does not replace what that one wrote.
bool publish(const DeploymentDirectory& directory, const std::filesystem::path& path,
             const Deployment& deployment) {
  const DraftFile draft(directory.path /
                        ("." + std::string(kDeploymentFileName) + "." + new_uuid().to_hex()));
  if (draft.descriptor() < 0 || ::fchmod(draft.descriptor(), 0600) != 0)
    throw failure_to_make(directory, errno);
  write_all(draft.descriptor(),
            "{\"" + std::string(kIdKey) + "\": \"" + deployment.id.to_string() + "\", \"" +
                std::string(kCursorKeyKey) + "\": \"" + to_hex(deployment.cursor_key) + "\"}\n",
            path);
  if (::link(draft.path().c_str(), path.c_str()) != 0) {
    if (errno == EEXIST) return false;
    throw failure_to_make(directory, errno);
  }
  const FileDescriptor parent(::open(directory.path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (parent.get() < 0 || ::fsync(parent.get()) != 0) throw failure_to_make(directory, errno);
  return true;
}

}  // namespace

std::optional<DeploymentDirectory> deployment_directory(
    const StoreTypeManifest& manifest, const CheckedOptions& options,
    const std::filesystem::path& configuration_directory) {
  if (!manifest.has("persistent")) return std::nullopt;
  if (manifest.has("local")) {
    for (const CheckedOption& option : options.options) {
      if (option.kind != OptionKind::path) continue;
      // "/var/lib/kist/" and "/var/lib/kist" are the same directory.
      std::filesystem::path path(option.text.reveal());
      if (!path.has_filename()) path = path.parent_path();
      return DeploymentDirectory{path.parent_path(), "the store's option '" + option.name + "'"};
    }
  }
  if (configuration_directory.empty()) return std::nullopt;
  return DeploymentDirectory{configuration_directory, "the configuration file"};
}

std::optional<Deployment> find_deployment(const std::filesystem::path& directory) {
  return read(directory / kDeploymentFileName);
}

Deployment open_deployment(const DeploymentDirectory& directory,
                           const std::optional<Uuid>& configured_id) {
  check_directory(directory);
  const std::filesystem::path path = directory.path / kDeploymentFileName;
  std::optional<Deployment> found = read(path);
  if (!found) {
    const Deployment made = new_deployment(configured_id);
    if (publish(directory, path, made)) return made;
    found = read(path);
    if (!found) throw system_failure("open", path, ENOENT);
  }
  if (configured_id) found->id = *configured_id;
  return *found;
}

Deployment new_deployment(const std::optional<Uuid>& configured_id) {
  return {configured_id ? *configured_id : new_uuid(), new_cursor_key()};
}

}  // namespace kist::core
