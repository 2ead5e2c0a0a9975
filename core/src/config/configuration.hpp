// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <kist/models.hpp>
#include <kist/secret_value.hpp>
#include <kist/uuid.hpp>

#include "access/token.hpp"
#include "config/http_limits.hpp"
#include "config/sealing_settings.hpp"
#include "config/section_reader.hpp"
#include "config/store_settings.hpp"

namespace kist::core {

struct TrustSettings {
  std::string unsigned_plugins = "allow";     ///< "allow" or "refuse".
  std::map<std::string, std::string> sha256;  ///< A plugin's file name → 64 hexadecimal digits.
  std::vector<std::string> ed25519_keys;
};

struct PluginSettings {
  /// Absolute, searched in this order. Nothing: the directory beside the host.
  std::optional<std::vector<std::filesystem::path>> directories;
  TrustSettings trust;
};

struct WorkspaceSettings {
  std::string name;
  std::optional<Uuid> id;  ///< Nothing: a UUID v5 of the name.
};

struct PrincipalSettings {
  std::string name;
  std::optional<Uuid> id;  ///< As for a workspace.
  std::optional<TokenHash> token_hash;
  std::optional<Timestamp> token_expires;  ///< From then on the token is none; nothing: never.
  std::optional<std::string> certificate;  ///< A subject, as RFC 2253 writes it.
  std::optional<std::uint32_t> socket_uid;
  /// Workspace, or "*" for all, → "lister", "reader", "writer" or "admin".
  std::map<std::string, std::string> roles;
};

struct TlsSettings {
  std::filesystem::path certificate, key;
  std::optional<std::filesystem::path> client_ca;
};

inline constexpr std::string_view kDefaultListen = "127.0.0.1:8420";

struct HttpSettings {
  std::vector<std::string> listen;  ///< None: kDefaultListen.
  std::optional<TlsSettings> tls;
  HttpLimits limits;
  /// Threads that read and answer; nothing: one for each core, four at most.
  std::optional<std::int64_t> threads;
};

struct AuditSettings {
  bool enabled = true;
  /// Nothing: kist-audit.jsonl, where audit_file() says.
  std::optional<std::filesystem::path> file;
  std::optional<SecretValue> signing_key;  ///< PEM. Nothing: a file beside the log, made at start.
  std::uint64_t rotate_bytes = 1024 * 1024 * 1024;  ///< 0: never.
  std::chrono::milliseconds deadline{5'000};
};

struct LogSettings {
  std::string level = "info";   ///< "trace", "debug", "info", "warning" or "error".
  std::string format = "auto";  ///< "auto", "text" or "json".
};

/// What is in force, from the file, the environment, the command line and the defaults.
struct Configuration {
  std::optional<Uuid> deployment_id;
  StoreSettings secrets_store;
  StoreSettings backup_secrets_store;  ///< Off, unless it is configured.
  PluginSettings plugins;
  SealingSettings sealing;
  std::vector<WorkspaceSettings> workspaces;  ///< At least one: "default", if none is named.
  std::vector<PrincipalSettings> principals;
  HttpSettings http;
  AuditSettings audit;
  LogSettings log;

  std::vector<Setting> settings;  ///< All of the above but the stores, for show_configuration().
};

}  // namespace kist::core
