// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "audit/audit_log.hpp"
#include "audit/signing_key.hpp"
#include "config/configuration.hpp"
#include "config/deployment.hpp"

namespace kist::core {

inline constexpr std::string_view kAuditFileName = "kist-audit.jsonl";

/// Where the audit log lies: as configured, else beside kist-deployment.json, else in
/// `otherwise`: the directory of kist.json or, without one, the working directory.
std::filesystem::path audit_file(const AuditSettings& settings,
                                 const std::optional<DeploymentDirectory>& deployment,
                                 const std::filesystem::path& otherwise);

/// The log at `file`, with what is configured of it. To be asked before audit_signing_key().
AuditLogSettings audit_log_settings(const AuditSettings& settings,
                                    const std::filesystem::path& file);

/// As configured, else that beside `file`, which is made if it is missing. Errors: those of
/// SigningKey.
SigningKey audit_signing_key(const AuditSettings& settings, const std::filesystem::path& file);

/// Of the key above; makes none. Errors: those of PublicKey::read().
PublicKey audit_public_key(const AuditSettings& settings, const std::filesystem::path& file);

}  // namespace kist::core
