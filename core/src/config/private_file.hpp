// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include <kist/error.hpp>
#include <kist/secret_value.hpp>

namespace kist::core {

/// A file that others may not even read: a regular one, not a link to one, that belongs to this
/// process's user or to root.
struct PrivateFile {
  std::filesystem::path path;
  std::string name;  ///< In messages: "deployment file '/var/lib/kist/kist-deployment.json'".
  std::size_t bytes_max;
  ::mode_t mode_max = 0600;

  /// failed_precondition: the name and `why`.
  Error refusal(const std::string& why) const;
  /// "cannot `what` <name>: <errno in words>": not_found, permission_denied or unavailable.
  Error failure(const char* what, int error) const;
};

/// What `errno` means for a caller: not_found, permission_denied or unavailable.
ErrorCode code_of_system_error(int error);

/// For a file of which others are only warned: why it is not private, to be said behind its name.
/// Nothing: it is, or there is no regular file; a link counts as what it leads to.
std::optional<std::string> why_not_private(const std::filesystem::path& path);

/// Nothing: there is no such file.
/// Errors: failed_precondition: it is no regular file, belongs to somebody else, has a wider mode,
/// or is larger; permission_denied; unavailable.
std::optional<SecretValue> read_private_file(const PrivateFile& file);

/// Makes the file, with mode 0600 whatever the umask: all of it and for good, or nothing. False:
/// another was first, and is left as it is.
/// Errors: not_found: there is no such directory; permission_denied; unavailable.
bool create_private_file(const PrivateFile& file, SecretView text);

/// Replaces the file by what `change` makes of its text: all of it and for good, or not at all. Of
/// those that do so at once, in this process and others, each sees what the one before it left.
/// `change` may give nothing: the file stays.
/// Errors: not_found: there is no such file; unavailable: another has held it for too long; those
/// of read_private_file(), and those of `change`.
void change_private_file(
    const PrivateFile& file,
    const std::function<std::optional<SecretValue>(const SecretValue&)>& change);

}  // namespace kist::core
