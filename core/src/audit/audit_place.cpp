// SPDX-License-Identifier: Apache-2.0
#include "audit/audit_place.hpp"

#include <system_error>

namespace kist::core {
namespace {

SigningKey configured_key(const AuditSettings& settings) {
  return SigningKey::parse(settings.signing_key->view(), "'audit.signing_key'");
}

}  // namespace

std::filesystem::path audit_file(const AuditSettings& settings,
                                 const std::optional<DeploymentDirectory>& deployment,
                                 const std::filesystem::path& otherwise) {
  if (settings.file) return *settings.file;
  return (deployment ? deployment->path : otherwise) / kAuditFileName;
}

AuditLogSettings audit_log_settings(const AuditSettings& settings,
                                    const std::filesystem::path& file) {
  AuditLogSettings log;
  log.file = file;
  log.rotate_bytes = settings.rotate_bytes;
  log.deadline = settings.deadline;
  std::error_code error;
  log.was_written_before = !settings.signing_key &&
                           std::filesystem::exists(file.parent_path() / kSigningKeyFileName, error);
  return log;
}

SigningKey audit_signing_key(const AuditSettings& settings, const std::filesystem::path& file) {
  return settings.signing_key ? configured_key(settings) : SigningKey::open(file.parent_path());
}

PublicKey audit_public_key(const AuditSettings& settings, const std::filesystem::path& file) {
  return settings.signing_key ? configured_key(settings).public_key()
                              : PublicKey::read(file.parent_path() / kPublicKeyFileName);
}

}  // namespace kist::core
