// SPDX-License-Identifier: Apache-2.0
#include "config/configuration_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <system_error>

#include <kist/error.hpp>

#include "loader/file_descriptor.hpp"
#include "text/printable.hpp"

namespace kist::core {
namespace {

constexpr std::size_t kReadBytes = 16384;
constexpr const char* kStandsReadable =
    "' stands in a file that others can read; run chmod 600 on it, or refer to the secret with "
    "${file:PATH} or ${env:NAME}";

std::string reason_of(int error) { return std::generic_category().message(error); }

[[noreturn]] void refuse(ErrorCode code, const std::filesystem::path& path,
                         const std::string& why) {
  throw Error(code, "cannot use " + in_quotes(path.native()) + ": " + why);
}

/// O_NONBLOCK, so that a pipe in the place of a file is refused instead of waited for.
FileDescriptor open_regular_file(const std::filesystem::path& path, struct stat& status) {
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) {
    const int error = errno;
    const bool missing = error == ENOENT || error == ENOTDIR;
    refuse(missing ? ErrorCode::not_found : ErrorCode::permission_denied, path, reason_of(error));
  }
  if (!S_ISREG(status.st_mode)) {
    refuse(ErrorCode::failed_precondition, path, "it is not a regular file");
  }
  return file;
}

SecretValue read_all(const FileDescriptor& file, const std::filesystem::path& path,
                     std::size_t bytes_max) {
  detail::SecretBuffer content;
  while (content.size() <= bytes_max) {
    const std::size_t size = content.size();
    const ::ssize_t count = ::read(file.get(), content.extend(kReadBytes), kReadBytes);
    const int error = errno;
    content.truncate(size + static_cast<std::size_t>(std::max<::ssize_t>(count, 0)));
    if (count < 0 && error == EINTR) continue;
    if (count < 0) refuse(ErrorCode::unavailable, path, reason_of(error));
    if (count == 0) return SecretValue(std::move(content));
  }
  refuse(ErrorCode::invalid_argument, path,
         "it has more than " + std::to_string(bytes_max) + " bytes");
}

void check_access(const FoundConfigurationFile& file, const struct stat& status) {
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    refuse(ErrorCode::failed_precondition, file.path,
           "its group or others may write to it, and it decides which code is loaded; run chmod "
           "go-w on it");
  }
  if (file.owner_matters && status.st_uid != 0 && status.st_uid != ::geteuid()) {
    refuse(ErrorCode::failed_precondition, file.path,
           "it belongs to the user with id " + std::to_string(status.st_uid) +
               "; name it with --config if it is to be trusted");
  }
}

/// Whether something is there; a link to nowhere and a forbidden directory count, so that they are
/// reported.
bool is_there(const std::filesystem::path& path) {
  struct stat status;
  return ::lstat(path.c_str(), &status) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

}  // namespace

ConfigurationSearchResult find_configuration_file(const ConfigurationSearch& search) {
  ConfigurationSearchResult result;
  if (search.option) {
    if (search.option->empty()) throw Error(ErrorCode::invalid_argument, "--config names no file");
    result.file = {*search.option, "named by --config", false};
    result.tried = {"--config: " + in_quotes(search.option->native())};
    return result;
  }
  result.tried.push_back("--config: not given");
  if (const SecretValue* const found = search.environment.find("KIST_CONFIG")) {
    const std::string_view path = found->reveal();
    if (path.empty()) {
      throw Error(ErrorCode::invalid_argument,
                  "KIST_CONFIG is set but empty; unset it, or let it name a file");
    }
    result.file = {path, "named by KIST_CONFIG", false};
    result.tried.push_back("KIST_CONFIG: " + in_quotes(path));
    return result;
  }
  result.tried.push_back("KIST_CONFIG: not set");
  const FoundConfigurationFile places[] = {
      {"kist.json", "found in the working directory", true},
      {search.system_file, "found in its system-wide place", true}};
  for (const FoundConfigurationFile& place : places) {
    const std::filesystem::path path = search.working_directory / place.path;
    const bool there = is_there(path);
    result.tried.push_back(in_quotes(path.native()) + (there ? ": found" : ": no such file"));
    if (!there) continue;
    result.file = place;
    break;
  }
  return result;
}

ConfigurationFile read_configuration_file(const FoundConfigurationFile& file,
                                          const std::filesystem::path& working_directory) {
  const std::filesystem::path path = (working_directory / file.path).lexically_normal();
  struct stat status;
  const FileDescriptor descriptor = open_regular_file(path, status);
  check_access(file, status);
  const SecretValue text = read_all(descriptor, file.path, kJsonBytesMax);
  return {parse_json_document(text.reveal(), file.path.native()), path.parent_path(),
          (status.st_mode & (S_IRGRP | S_IROTH)) != 0};
}

SecretValue read_regular_file(const std::filesystem::path& path, std::size_t bytes_max) {
  struct stat status;
  return read_all(open_regular_file(path, status), path, bytes_max);
}

std::vector<std::string> warn_of_readable_secrets(const ConfigurationFile& file,
                                                  const CheckedOptions& options) {
  std::vector<std::string> warnings;
  if (!file.readable_by_others) return warnings;
  for (const CheckedOption& option : options.options) {
    const bool in_file =
        option.origin.source == Origin::Source::file && !option.origin.interpolated();
    if (!option.secret || !in_file) continue;
    warnings.push_back(option.origin.place + ": the secret option '" + option.name + "' of '" +
                       options.section + kStandsReadable);
  }
  return warnings;
}

std::vector<std::string> warn_of_readable_secrets(const ConfigurationFile& file,
                                                  const std::vector<Setting>& settings) {
  std::vector<std::string> warnings;
  if (!file.readable_by_others) return warnings;
  for (const Setting& setting : settings) {
    if (setting.is_plain_secret)
      warnings.push_back(setting.origin + ": the secret '" + setting.path + kStandsReadable);
  }
  return warnings;
}

}  // namespace kist::core
