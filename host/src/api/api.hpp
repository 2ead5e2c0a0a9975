// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "api/generation.hpp"
#include "api/metrics.hpp"
#include "audit/audit_log.hpp"
#include "http/exchange.hpp"
#include "secrets/secrets_service.hpp"

namespace kist::api {

struct Shared;

/// What the interface of docs/reference/http.md answers with.
struct ApiParts {
  const Generations& generations;
  core::AuditLog* audit = nullptr;  ///< Null: there is no audit log.
  core::Clock clock = core::system_clock_now;
  /// Takes sentences for the operator's log; any thread.
  std::function<void(std::string_view)> say = [](std::string_view) {};
};

/// Answers requests: who asks, may they, which route, what came of it; one audit record each, which
/// is durable before the reply leaves. The first generation is there before the first request.
class Api final : public http::Handler {
 public:
  /// What `parts` points to, and `metrics`, outlive it. It outlives every exchange.
  Api(ApiParts parts, Metrics& metrics);
  ~Api() override;

  void handle(http::Exchange& exchange) override;
  void refuse(http::Exchange& exchange, int status, std::string_view message) override;

  /// The host is about to stop: from now on GET /ready says so.
  void stop() noexcept;

 private:
  std::unique_ptr<Shared> shared_;
};

}  // namespace kist::api
