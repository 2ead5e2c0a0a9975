// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/api.hpp"
#include "api/metrics.hpp"
#include "audit/audit_log.hpp"
#include "cli/session.hpp"
#include "http/server.hpp"
#include "log/log.hpp"
#include "serve/certificate_files.hpp"
#include "serve/fixed_settings.hpp"
#include "serve/service_manager.hpp"
#include "serve/serving_generation.hpp"

namespace kist::serve {

struct ServeOptions {
  std::vector<std::string> listen;  ///< In place of those that are configured.
  bool insecure_listen = false;     ///< Other machines may reach it without TLS.
  bool any_port = false;            ///< Take another port where the one of `listen` is in use.
  /// Called with the addresses once it serves.
  std::function<void(const std::vector<std::string>&)> started;
};

/// The addresses to listen at; without any, the usual one. Makes sure that they may be listened at,
/// and that the TLS files and the key of the audit log are good.
/// Errors: those of http::ListenAddress, http::TlsContext and core::SigningKey::parse();
/// failed_precondition: an address that others could reach without TLS.
std::vector<http::ListenAddress> check_server(const core::Configuration& configuration,
                                              const ServeOptions& options = {});

/// No principal can say who it is.
bool is_known_to_nobody(const core::Configuration& configuration);

/// The server as a process: everything from a configuration to the sockets, built in the order of
/// its members, and the signals that reload and stop it.
class ServerProcess {
 public:
  /// Opens all, and serves nobody yet. `session` outlives it.
  /// Errors: those of cli::OpenHost, core::AuditLog, http::TlsContext and http::Server;
  /// invalid_argument: an address that is none; failed_precondition: one that others could reach
  /// without TLS.
  ServerProcess(cli::Session& session, ServeOptions options);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  /// Serves until SIGTERM or SIGINT. Gives the exit code.
  int run();

 private:
  std::unique_ptr<core::AuditLog> open_audit();
  std::unique_ptr<http::Server> open_server();
  http::Terms terms_of(const ServingGeneration& generation) const;
  void say_of_audit(std::string_view sentence);
  void warn_of_nobody(const core::Configuration& configuration);
  void count();
  void say_ready();
  void reload();
  void check_next(const core::Configuration& next) const;
  void replace(std::shared_ptr<const ServingGeneration> next);
  void renew_certificate();
  int stop();

  cli::Session& session_;
  const ServeOptions options_;
  log::Log log_;
  ServiceManager manager_;
  std::atomic<std::uint64_t> reloads_{0}, refused_reloads_{0}, plugin_loads_{1},
      plugin_refusals_{0};
  api::Metrics metrics_;
  ServingGenerations generations_;
  const FixedSettings fixed_;
  CertificateFiles certificate_files_;
  std::unique_ptr<core::AuditLog> audit_;
  std::unique_ptr<api::Api> api_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace kist::serve
