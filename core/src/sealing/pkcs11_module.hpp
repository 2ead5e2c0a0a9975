// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include <p11-kit/pkcs11.h>

namespace kist::core {

/// A PKCS#11 module (OASIS PKCS#11 2.40), mapped and initialised for any number of threads. Objects
/// of the same module share it, each with sessions of its own, and the last one finalises it. It
/// stays mapped until the process ends, as a plugin does.
class Pkcs11Module {
 public:
  /// `path` is absolute. What it leads to, through symlinks, is a regular file; this and all
  /// directories above belong to root or to us, and nobody else may write to them, but that a
  /// directory may be sticky, like /tmp.
  /// Errors: failed_precondition: the file is not so, or is no module; unavailable: the module does
  /// not start.
  explicit Pkcs11Module(const std::filesystem::path& path);
  ~Pkcs11Module();
  Pkcs11Module(const Pkcs11Module&) = delete;
  Pkcs11Module& operator=(const Pkcs11Module&) = delete;

  const CK_FUNCTION_LIST& functions() const { return *functions_; }

 private:
  CK_FUNCTION_LIST* functions_ = nullptr;
};

/// What a module answered, for people: "The device is removed (0x32)".
std::string answer_text(CK_RV answer);

}  // namespace kist::core
