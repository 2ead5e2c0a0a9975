// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <kist/error.hpp>

#include "api/routes.hpp"

namespace kist::api {

enum class StoreOperation { create, get, list, update, remove, health };

/// What GET /metrics shows. No label has the name of a secret, a principal or a token (AT-18).
/// Any thread.
class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// A request has come; answered() follows.
  void asked() noexcept;
  /// `route`: null: none has this path or method.
  void answered(const Route* route, http::Method method, int status,
                std::chrono::nanoseconds took) noexcept;
  /// Nothing: the call has succeeded.
  void store_call(StoreOperation operation, std::optional<ErrorCode> failure) noexcept;
  void throttled(bool is_principal) noexcept;

  /// What another part of the host counts: `value` is called at each look, on any thread, until
  /// this object ends. A counter only grows; its name ends in "_total".
  enum class Kind { gauge, counter };
  void add(Kind kind, std::string name, std::string help, std::function<double()> value);

  /// The text format of Prometheus, 0.0.4.
  std::string text() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace kist::api
