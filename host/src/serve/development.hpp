// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include <kist/secret_value.hpp>

#include "cli/session.hpp"
#include "loader/file_descriptor.hpp"

namespace kist::serve {

/// What `kist serve --dev` serves: a store in a new directory that nobody else may enter, with a
/// keyring, one workspace, and a principal `dev` that may do everything. It is gone when this
/// object is; one whose process was killed goes when the next is made.
class Development {
 public:
  /// Errors: unavailable, permission_denied: the directory cannot be made.
  explicit Development(const core::Environment& environment);
  ~Development();
  Development(const Development&) = delete;
  Development& operator=(const Development&) = delete;

  const std::filesystem::path& directory() const { return directory_; }
  std::filesystem::path configuration() const { return directory_ / "kist.json"; }

  /// Prints how to reach it, the token with it: the only time that the token is shown.
  void introduce(const std::string& address) const;

 private:
  std::filesystem::path directory_;
  core::FileDescriptor lock_;  ///< Held while anybody uses the directory.
  SecretValue token_;
};

}  // namespace kist::serve
