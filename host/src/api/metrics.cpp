// SPDX-License-Identifier: Apache-2.0
#include "api/metrics.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <iterator>
#include <mutex>
#include <utility>
#include <vector>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace kist::api {
namespace {

namespace prom = prometheus;

/// The statuses that are counted apart; another is counted as the first.
constexpr int kStatuses[] = {0,   200, 400, 401, 403, 404, 405, 408, 409, 412, 413, 414,
                             415, 417, 422, 429, 431, 500, 501, 502, 503, 504, 505, 507};
constexpr std::size_t kMethods = 6;  // Of http::Method.
constexpr std::size_t kCodes = 17;   // Of ErrorCode, and 0 for "ok".
constexpr std::string_view kOperations[] = {"create", "get", "list", "update", "delete", "health"};

/// Seconds. A get from memory takes microseconds, a deadline is 30 s.
const prom::Histogram::BucketBoundaries& buckets() {
  static const prom::Histogram::BucketBoundaries boundaries = {
      0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
      0.025,   0.05,     0.1,     0.25,   0.5,     1,      2.5,   5,      10,    30};
  return boundaries;
}

/// A metric that is made when it first counts, so that what never happens is not shown; found by
/// its place, not by its labels. Add() gives the same metric to all who ask for the same labels.
template <class Metric>
class Lazy {
 public:
  template <class Make>
  Metric& get(Make make) {
    Metric* metric = metric_.load(std::memory_order_acquire);
    if (metric == nullptr) {
      metric = &make();
      metric_.store(metric, std::memory_order_release);
    }
    return *metric;
  }

 private:
  std::atomic<Metric*> metric_{nullptr};
};

std::size_t status_index(int status) {
  const auto* const found = std::find(std::begin(kStatuses), std::end(kStatuses), status);
  return found == std::end(kStatuses) ? 0 : static_cast<std::size_t>(found - kStatuses);
}

/// What others count, asked at each look.
struct Outside {
  Metrics::Kind kind;
  std::string name, help;
  std::function<double()> value;
};

prom::MetricFamily family_of(const Outside& outside) {
  prom::ClientMetric metric;
  if (outside.kind == Metrics::Kind::gauge)
    metric.gauge.value = outside.value();
  else
    metric.counter.value = outside.value();
  return {
      outside.name,
      outside.help,
      outside.kind == Metrics::Kind::gauge ? prom::MetricType::Gauge : prom::MetricType::Counter,
      {std::move(metric)}};
}

}  // namespace

struct Metrics::Parts {
  /// One for each route, and a last one for what is none.
  struct OfRoute {
    std::array<std::array<Lazy<prom::Counter>, std::size(kStatuses)>, kMethods> requests;
    Lazy<prom::Histogram> seconds;
  };

  prom::Registry registry;
  prom::Family<prom::Counter>& requests = prom::BuildCounter()
                                              .Name("kist_http_requests_total")
                                              .Help("Requests that were answered.")
                                              .Register(registry);
  prom::Family<prom::Histogram>& seconds =
      prom::BuildHistogram()
          .Name("kist_http_request_duration_seconds")
          .Help("From the last byte of a request to its reply, the audit record included.")
          .Register(registry);
  prom::Gauge& in_flight = prom::BuildGauge()
                               .Name("kist_http_requests_in_flight")
                               .Help("Requests that are being answered.")
                               .Register(registry)
                               .Add({});
  prom::Family<prom::Counter>& throttled = prom::BuildCounter()
                                               .Name("kist_http_throttled_total")
                                               .Help("Requests beyond a rate.")
                                               .Register(registry);
  prom::Counter& throttled_principals = throttled.Add({{"who", "principal"}});
  prom::Counter& throttled_strangers = throttled.Add({{"who", "stranger"}});
  prom::Family<prom::Counter>& store_calls = prom::BuildCounter()
                                                 .Name("kist_store_calls_total")
                                                 .Help("Calls to the store, by their outcome.")
                                                 .Register(registry);
  std::vector<OfRoute> routes{api::routes().size() + 1};
  std::array<std::array<Lazy<prom::Counter>, kCodes>, std::size(kOperations)> calls;

  mutable std::mutex mutex;
  std::vector<Outside> outside;  // Guarded by mutex.
};

Metrics::Metrics() : parts_(std::make_unique<Parts>()) {
  prom::BuildGauge()
      .Name("kist_build_info")
      .Help("1, with the version.")
      .Register(parts_->registry)
      .Add({{"version", KIST_VERSION}})
      .Set(1);
}

Metrics::~Metrics() = default;

void Metrics::asked() noexcept { parts_->in_flight.Increment(); }

void Metrics::answered(const Route* route, http::Method method, int status,
                       std::chrono::nanoseconds took) noexcept {
  parts_->in_flight.Decrement();
  const std::size_t index =
      route == nullptr ? routes().size() : static_cast<std::size_t>(route - routes().data());
  const std::string_view pattern = route == nullptr ? "none" : route->pattern;
  Parts::OfRoute& counted = parts_->routes[index];
  const std::size_t at = status_index(status);
  counted.requests[static_cast<std::size_t>(method)][at]
      .get([&]() -> prom::Counter& {
        return parts_->requests.Add({{"method", std::string(method_name(method))},
                                     {"route", std::string(pattern)},
                                     {"code", std::to_string(kStatuses[at])}});
      })
      .Increment();
  // One histogram for HEAD and GET: a route has one method beside it.
  counted.seconds
      .get([&]() -> prom::Histogram& {
        const std::string_view name = route == nullptr ? "any" : method_name(route->method);
        return parts_->seconds.Add({{"method", std::string(name)}, {"route", std::string(pattern)}},
                                   buckets());
      })
      .Observe(std::chrono::duration<double>(took).count());
}

void Metrics::store_call(StoreOperation operation, std::optional<ErrorCode> failure) noexcept {
  const auto at = static_cast<std::size_t>(operation);
  const auto code = failure ? static_cast<std::size_t>(*failure) : 0;
  parts_->calls[at][code]
      .get([&]() -> prom::Counter& {
        return parts_->store_calls.Add(
            {{"operation", std::string(kOperations[at])},
             {"code", failure ? std::string(to_string(*failure)) : std::string("ok")}});
      })
      .Increment();
}

void Metrics::throttled(bool is_principal) noexcept {
  (is_principal ? parts_->throttled_principals : parts_->throttled_strangers).Increment();
}

void Metrics::add(Kind kind, std::string name, std::string help, std::function<double()> value) {
  const std::scoped_lock lock(parts_->mutex);
  parts_->outside.push_back({kind, std::move(name), std::move(help), std::move(value)});
}

std::string Metrics::text() const {
  std::vector<prom::MetricFamily> families = parts_->registry.Collect();
  {
    const std::scoped_lock lock(parts_->mutex);
    for (const Outside& outside : parts_->outside) families.push_back(family_of(outside));
  }
  return prom::TextSerializer().Serialize(families);
}

}  // namespace kist::api
