// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <filesystem>

namespace kist::sqlite {

/// A file, whatever its path says later.
struct DatabaseFile {
  std::filesystem::path path;
  dev_t device = 0;
  ino_t inode = 0;

  /// Errors: unavailable, with store_broken: the file was moved, removed or replaced; who has it
  /// open would go on with one that nobody else sees.
  void require_in_place() const;
};

/// Makes sure that the database file and what SQLite keeps beside it are for their owner alone, and
/// creates an empty one, mode 0600 whatever the umask, where there is none. The directory must
/// exist. The path that it returns has the symbolic links of the directory resolved.
/// Errors: invalid_argument: the path is not absolute; failed_precondition: no directory, no
/// regular file, a symbolic link, or a mode that lets others read or write.
DatabaseFile prepare_database_file(const std::filesystem::path& path);

}  // namespace kist::sqlite
