// SPDX-License-Identifier: Apache-2.0
#include "serve/server_process.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <thread>
#include <utility>

#include "audit/audit_place.hpp"
#include "cli/audit_place.hpp"
#include "cli/configured.hpp"
#include "loader/refusal.hpp"
#include "memory/secret_arena.hpp"
#include "secrets/error_table.hpp"

namespace kist::serve {
namespace {

constexpr std::chrono::milliseconds kBetweenLooks{1'000};
/// More threads than this would wait for the store, not for sockets.
constexpr std::size_t kUsualThreadsMax = 4;

/// As many connections as the system lets this process have.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::size_t threads_of(const core::HttpSettings& settings) {
  if (settings.threads) return static_cast<std::size_t>(*settings.threads);
  return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kUsualThreadsMax);
}

/// What would be refused later is refused before a store is opened, and a keyring made for it.
core::Configuration checked_configuration(cli::Session& session, const ServeOptions& options) {
  core::Configuration configuration = cli::load_configuration(session).configuration;
  check_server(configuration, options);
  return configuration;
}

void require_local(const std::vector<http::ListenAddress>& addresses) {
  for (const http::ListenAddress& address : addresses) {
    if (address.is_local()) continue;
    throw Error(ErrorCode::failed_precondition,
                "other machines reach " + address.text() +
                    ", and tokens and values would be there for all on the way to read; expected "
                    "'http.tls', an address of this machine, or --insecure-listen");
  }
}

std::shared_ptr<const ServingGeneration> first_generation(cli::Session& session, log::Log& log,
                                                          api::Metrics& metrics) {
  session.log = &log;
  return std::make_shared<const ServingGeneration>(std::make_unique<cli::OpenHost>(session),
                                                   metrics);
}

}  // namespace

std::vector<http::ListenAddress> check_server(const core::Configuration& configuration,
                                              const ServeOptions& options) {
  const core::HttpSettings& http = configuration.http;
  std::vector<http::ListenAddress> addresses;
  for (const std::string& text : options.listen.empty() ? http.listen : options.listen)
    addresses.push_back(http::ListenAddress::parse(text));
  if (addresses.empty()) addresses.push_back(http::ListenAddress::parse(core::kDefaultListen));
  if (!http.tls && !options.insecure_listen) require_local(addresses);
  if (http.tls) const http::TlsContext good(*http.tls);
  const FixedSettings good(configuration);
  return addresses;
}

bool is_known_to_nobody(const core::Configuration& configuration) {
  return std::none_of(configuration.principals.begin(), configuration.principals.end(),
                      [](const core::PrincipalSettings& principal) {
                        return principal.token_hash || principal.certificate ||
                               principal.socket_uid;
                      });
}

ServerProcess::ServerProcess(cli::Session& session, ServeOptions options)
    : session_(session),
      options_(std::move(options)),
      log_(checked_configuration(session, options_).log),
      manager_(session.environment),
      generations_(first_generation(session, log_, metrics_)),
      fixed_(generations_.serving()->configuration()) {
  raise_descriptor_limit();
  const std::shared_ptr<const ServingGeneration> first = generations_.serving();
  certificate_files_.watch(first->configuration().http.tls);
  audit_ = open_audit();
  api::ApiParts parts{generations_, audit_.get()};
  parts.say = [this](std::string_view sentence) { log_.warning("api", {{"says", sentence}}); };
  api_ = std::make_unique<api::Api>(std::move(parts), metrics_);
  server_ = open_server();
  count();
  warn_of_nobody(first->configuration());
}

void ServerProcess::warn_of_nobody(const core::Configuration& configuration) {
  if (is_known_to_nobody(configuration))
    log_.warning(
        "no principal has a token, a certificate or a socket_uid, so nobody can ask; see 'kist "
        "token new --help'");
}

ServerProcess::~ServerProcess() { session_.log = nullptr; }

std::unique_ptr<core::AuditLog> ServerProcess::open_audit() {
  const cli::OpenHost& host = generations_.serving()->host();
  const core::AuditSettings& settings = host.loaded().configuration.audit;
  if (!settings.enabled) {
    log_.warning("the audit log is switched off: nobody will be able to say who did what");
    return nullptr;
  }
  const std::filesystem::path file = cli::audit_file_of(host.loaded());
  log_.info("auditing", {{"file", file.native()}});
  const core::AuditLogSettings log_settings = core::audit_log_settings(settings, file);
  return std::make_unique<core::AuditLog>(
      log_settings, core::audit_signing_key(settings, file),
      [this](std::string_view sentence) { say_of_audit(sentence); });
}

/// The head of a checkpoint is for whoever keeps heads; all else that the log says is trouble, or
/// the end of it.
void ServerProcess::say_of_audit(std::string_view sentence) {
  constexpr std::string_view prefix = "audit: ";
  if (sentence.starts_with(prefix)) sentence.remove_prefix(prefix.size());
  if (sentence.starts_with("checkpoint"))
    log_.info("audit", {{"says", sentence}});
  else if (audit_ != nullptr && audit_->problem())
    log_.error("audit", {{"says", sentence}});
  else
    log_.warning("audit", {{"says", sentence}});
}

http::Terms ServerProcess::terms_of(const ServingGeneration& generation) const {
  const core::HttpSettings& settings = generation.configuration().http;
  return {settings.limits,
          settings.tls ? std::make_shared<const http::TlsContext>(*settings.tls) : nullptr};
}

std::unique_ptr<http::Server> ServerProcess::open_server() {
  const std::shared_ptr<const ServingGeneration> generation = generations_.serving();
  const core::HttpSettings& http = generation->configuration().http;
  const auto settings = [&](std::vector<http::ListenAddress> addresses) {
    return http::Server::Settings{std::move(addresses), threads_of(http), terms_of(*generation),
                                  [this](std::string_view sentence) {
                                    log_.warning("http", {{"says", sentence}});
                                  }};
  };
  std::vector<http::ListenAddress> addresses = check_server(generation->configuration(), options_);
  try {
    return std::make_unique<http::Server>(settings(addresses), *api_);
  } catch (const Error& error) {
    if (!options_.any_port || error.code != ErrorCode::unavailable) throw;
    for (http::ListenAddress& address : addresses) address.port = 0;
    return std::make_unique<http::Server>(settings(std::move(addresses)), *api_);
  }
}

/// What only this process knows of itself, for GET /metrics.
void ServerProcess::count() {
  using Kind = api::Metrics::Kind;
  const auto add = [this](Kind kind, const char* name, const char* help,
                          std::uint64_t http::ServerCounts::*member) {
    metrics_.add(kind, name, help,
                 [this, member] { return static_cast<double>(server_->counts().*member); });
  };
  using Counts = http::ServerCounts;
  add(Kind::gauge, "kist_http_connections", "Open connections.", &Counts::connections);
  add(Kind::counter, "kist_http_connections_accepted_total", "Connections accepted.",
      &Counts::accepted);
  add(Kind::counter, "kist_http_connections_refused_total",
      "Connections beyond http.limits.connections.", &Counts::refused);
  add(Kind::counter, "kist_tls_handshakes_total", "TLS handshakes done.", &Counts::handshakes);
  add(Kind::counter, "kist_tls_handshake_failures_total", "TLS handshakes that failed.",
      &Counts::failed_handshakes);
  add(Kind::counter, "kist_http_timeouts_total", "Connections that were too slow.",
      &Counts::timeouts);
  add(Kind::counter, "kist_http_disconnects_total", "Clients that went before their reply.",
      &Counts::disconnects);
  metrics_.add(Kind::gauge, "kist_secret_memory_bytes", "Bytes in use of the heap for secrets.",
               [] { return static_cast<double>(core::secret_heap_bytes_used()); });
  const auto add_own = [this](const char* name, const char* help,
                              const std::atomic<std::uint64_t>& number) {
    metrics_.add(Kind::counter, name, help,
                 [&number] { return static_cast<double>(number.load()); });
  };
  add_own("kist_reloads_total", "Configurations taken up by SIGHUP.", reloads_);
  add_own("kist_reloads_refused_total", "Configurations that SIGHUP found wrong.",
          refused_reloads_);
  add_own("kist_plugin_loads_total", "Stores opened.", plugin_loads_);
  add_own("kist_plugin_refusals_total", "Plugins refused.", plugin_refusals_);
}

int ServerProcess::run() {
  session_.interrupts.check();
  session_.interrupts.take_over();
  server_->start();
  say_ready();
  while (true) {
    const std::optional<int> signal = session_.interrupts.next(kBetweenLooks);
    if (signal == SIGHUP) {
      reload();
    } else if (signal) {
      log_.info("stopping", {{"signal", ::sigabbrev_np(*signal)}});
      return stop();
    }
    if (certificate_files_.have_changed()) renew_certificate();
    generations_.close_unused();
  }
}

void ServerProcess::say_ready() {
  for (const std::string& address : server_->addresses())
    log_.info("listening", {{"address", address}});
  const std::shared_ptr<const ServingGeneration> generation = generations_.serving();
  log_.info("ready", {{"version", KIST_VERSION},
                      {"store", generation->store_type()},
                      {"deployment", generation->deployment_id().to_string()}});
  manager_.ready("serving a store of type " + generation->store_type());
  if (options_.started) options_.started(server_->addresses());
}

void ServerProcess::reload() {
  manager_.reloading();
  const std::shared_ptr<const ServingGeneration> before = generations_.serving();
  try {
    auto host = std::make_unique<cli::OpenHost>(session_, before->host());
    check_next(host->loaded().configuration);
    const bool opened = host->plugin() != before->host().plugin();
    auto next = std::make_shared<const ServingGeneration>(std::move(host), metrics_);
    server_->renew(terms_of(*next));
    if (opened) ++plugin_loads_;
    replace(std::move(next));
    ++reloads_;
    log_.info("reloaded");
  } catch (const Error& error) {
    ++refused_reloads_;
    if (dynamic_cast<const core::PluginRefused*>(&error) != nullptr) ++plugin_refusals_;
    log_.error("reload refused", {{"code", to_string(error.code)}, {"reason", error.message()}});
  }
  if (audit_ != nullptr) audit_->reopen();
  manager_.ready("serving");
}

/// What a new start would refuse is refused now, and not found out when there is one. TLS is left
/// at once, the addresses only then: those that are listened at count as well.
void ServerProcess::check_next(const core::Configuration& next) const {
  check_server(next, options_);
  ServeOptions running;
  running.listen = server_->addresses();
  running.insecure_listen = options_.insecure_listen;
  check_server(next, running);
}

void ServerProcess::replace(std::shared_ptr<const ServingGeneration> next) {
  const core::Configuration& now = next->configuration();
  for (const std::string_view key : fixed_.waiting(now))
    log_.warning("a change waits until the host is started anew", {{"key", key}});
  warn_of_nobody(now);
  log_.set_level(now.log);
  certificate_files_.watch(now.http.tls);
  generations_.replace(std::move(next));
}

void ServerProcess::renew_certificate() {
  try {
    server_->renew(terms_of(*generations_.serving()));
    log_.info("the TLS certificate was read anew");
  } catch (const Error& error) {
    log_.error("the TLS certificate of before is kept", {{"reason", error.message()}});
  }
}

int ServerProcess::stop() {
  manager_.stopping();
  api_->stop();
  if (!server_->stop()) {
    log_.error("a call to the store has not come back, and is left behind");
    ::_exit(core::error_row(ErrorCode::internal).exit_code);
  }
  server_.reset();  // With its threads, of which one may be on its way out of the audit log still.
  audit_.reset();
  log_.info("stopped");
  return 0;
}

}  // namespace kist::serve
