// SPDX-License-Identifier: Apache-2.0
#include "sealing/pkcs11_module.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <system_error>

#include <p11-kit/p11-kit.h>

#include <kist/error.hpp>

#include "text/printable.hpp"

namespace kist::core {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxPathBytes = 4096;  // PATH_MAX: in messages a path is whole.

Error refusal(const fs::path& path, const std::string& why,
              ErrorCode code = ErrorCode::failed_precondition) {
  return {code, "PKCS#11 module " + in_quotes(path.native(), kMaxPathBytes) + " " + why};
}

Error system_refusal(const fs::path& path, int error) {
  return refusal(path, "cannot be had: " + std::generic_category().message(error));
}

/// Its code sees every DEK: whoever may put one there may read every secret.
void check_writers(const fs::path& path, const fs::path& place) {
  struct stat status {};
  if (::stat(place.c_str(), &status) != 0) throw system_refusal(path, errno);
  const std::string thing =
      place == path ? "it" : "the directory " + in_quotes(place.native(), kMaxPathBytes);
  if (status.st_uid != 0 && status.st_uid != ::geteuid())
    throw refusal(path, "is not safe: " + thing + " belongs to user " +
                            std::to_string(status.st_uid) +
                            "; expected root or this host's own user");
  const bool is_sticky_directory = S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0;
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0 && !is_sticky_directory)
    throw refusal(path, "is not safe: " + thing +
                            " is writable by others than its owner; run chmod go-w on it");
}

fs::path checked(const fs::path& path) {
  if (!path.is_absolute() || path.native().find('\0') != std::string::npos)
    throw refusal(path, "is no absolute path");
  std::error_code error;
  const fs::path real = fs::canonical(path, error);
  if (error) throw system_refusal(path, error.value());
  if (!fs::is_regular_file(real, error)) throw refusal(path, "is no regular file");
  for (fs::path place = real; place != place.root_path(); place = place.parent_path())
    check_writers(real, place);
  return real;
}

/// p11-kit names the module, and the dynamic linker names it again; what is left is the reason.
std::string loader_message(const fs::path& path) {
  const char* const message = p11_kit_message();
  if (message == nullptr) return "no reason is given";
  const std::string_view text = message;
  const std::string named = path.native() + ": ";
  const std::size_t last = text.rfind(named);
  return printable(last == text.npos ? text : text.substr(last + named.size()));
}

}  // namespace

std::string answer_text(CK_RV answer) {
  std::array<char, 2 * sizeof answer> digits;
  const auto end = std::to_chars(digits.begin(), digits.end(), answer, 16).ptr;
  return std::string(p11_kit_strerror(answer)) + " (0x" + std::string(digits.begin(), end) + ")";
}

Pkcs11Module::Pkcs11Module(const fs::path& path) {
  const fs::path real = checked(path);
  // A reference that is never given back keeps the module mapped: its threads and its handlers at
  // exit may outlive us.
  if (p11_kit_module_load(real.c_str(), P11_KIT_MODULE_UNMANAGED) != nullptr)
    functions_ = p11_kit_module_load(real.c_str(), 0);
  if (functions_ == nullptr) throw refusal(path, "cannot be loaded: " + loader_message(real));
  const CK_RV answer = p11_kit_module_initialize(functions_);
  if (answer == CKR_OK) return;
  p11_kit_module_release(functions_);
  throw refusal(path, "does not start: " + answer_text(answer), ErrorCode::unavailable);
}

Pkcs11Module::~Pkcs11Module() {
  p11_kit_module_finalize(functions_);
  p11_kit_module_release(functions_);
}

}  // namespace kist::core
