// SPDX-License-Identifier: Apache-2.0
#include "api/api.hpp"

#include <exception>
#include <utility>

#include "api/answer.hpp"
#include "api/openapi.hpp"

namespace kist::api {
namespace {

/// Gives an answer that owns itself; null: there is no memory for it, and the request is answered.
Answer* begin(Shared& shared, http::Exchange& exchange) noexcept {
  try {
    return std::make_unique<Answer>(shared, exchange).release();
  } catch (const std::exception&) {
    exchange.reply().status = 503;
    exchange.finish();
    return nullptr;
  }
}

}  // namespace

Api::Api(ApiParts parts, Metrics& metrics)
    : shared_(new Shared{parts, metrics, openapi_document(), Readiness(parts.say)}) {
  core::AuditLog* const audit = parts.audit;
  if (audit == nullptr) return;
  const auto add = [&](const char* name, const char* help, auto member) {
    metrics.add(Metrics::Kind::counter, name, help,
                [audit, member] { return static_cast<double>(audit->counts().*member); });
  };
  using Counts = core::AuditLog::Counts;
  add("kist_audit_records_total", "Audit records that are durable.", &Counts::records);
  add("kist_audit_failures_total", "Records that could not be written: their requests have failed.",
      &Counts::failures);
  metrics.add(Metrics::Kind::gauge, "kist_audit_writable",
              "1 while records can be written; 0: requests fail.",
              [audit] { return audit->problem() ? 0.0 : 1.0; });
  add("kist_audit_syncs_total", "How often the audit log was synced.", &Counts::syncs);
}

Api::~Api() = default;

void Api::handle(http::Exchange& exchange) {
  if (Answer* const answer = begin(*shared_, exchange)) answer->start();
}

void Api::refuse(http::Exchange& exchange, int status, std::string_view message) {
  if (Answer* const answer = begin(*shared_, exchange)) answer->refuse(status, message);
}

void Api::stop() noexcept { shared_->stopping = true; }

}  // namespace kist::api
