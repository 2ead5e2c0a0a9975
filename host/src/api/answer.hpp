// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "api/api.hpp"
#include "api/path.hpp"
#include "api/readiness.hpp"
#include "api/route_call.hpp"
#include "api/routes.hpp"
#include "api/throttle.hpp"

namespace kist::api {

/// What all answers share.
struct Shared {
  ApiParts parts;
  Metrics& metrics;
  std::string openapi;
  Readiness readiness;
  RouteTable routes{};
  Throttle principals{}, strangers{};
  std::atomic<bool> stopping{false};
};

/// One request on its way to its reply. It owns itself: it ends with finish(), wherever that is
/// called, and nobody may touch it once it was handed to the pool or to the audit log.
class Answer final : private core::AuditWaiter {
 public:
  Answer(Shared& shared, http::Exchange& exchange);
  ~Answer() = default;
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;

  /// Answers the request. Gives this object away.
  void start() noexcept;
  /// Answers what is no request. Gives this object away.
  void refuse(int status, std::string_view message) noexcept;

 private:
  void audited(bool durable) noexcept override;

  /// False: `work` has thrown, and the reply says so.
  template <class Work>
  bool attempt(Work work) noexcept;
  void fail(const Error& error) noexcept;
  void fail_without_memory() noexcept;
  void fail_as_bug(std::string_view what) noexcept;

  void admit();
  void note_secret();
  void throttle();
  void check_route() const;
  void say_unknown_certificate() const;
  void check_content_type() const;
  bool is_audited() const;
  bool is_admin() const;

  bool runs_here();
  void run() noexcept;
  void answer_open();
  void answer_ready();

  void complete() noexcept;
  void fail_unaudited() noexcept;
  void finish() noexcept;

  Shared& shared_;
  http::Exchange& exchange_;
  const Readiness::Clock::time_point start_;
  std::shared_ptr<const Generation> generation_;
  std::optional<Path> path_;
  RouteMatch match_;
  const core::Principal* principal_ = nullptr;
  core::AuditRecord record_;
  bool asks_store_ = false;  // For GET /ready.
  Write write_ = Write::none;
  bool is_unknown_ = false;  // Whether a write was made: an error has said so.
};

}  // namespace kist::api
