// SPDX-License-Identifier: Apache-2.0
#include "config/http_limits.hpp"

namespace kist::core {
namespace {

constexpr std::int64_t kDayMs = 24 * 60 * 60 * 1000;

constexpr HttpLimit kLimits[] = {
    {"header_bytes", &HttpLimits::header_bytes, 1'024, 1 << 20},
    {"header_count", &HttpLimits::header_count, 10, 10'000},
    {"url_bytes", &HttpLimits::url_bytes, 64, 1 << 20},
    {"body_bytes", &HttpLimits::body_bytes, 64, 64 << 20},
    {"json_depth", &HttpLimits::json_depth, 2, 1'000},
    {"json_nodes", &HttpLimits::json_nodes, 10, 1'000'000},
    {"receive_time_ms", &HttpLimits::receive_time_ms, 100, kDayMs},
    {"send_time_ms", &HttpLimits::send_time_ms, 100, kDayMs},
    {"idle_time_ms", &HttpLimits::idle_time_ms, 100, kDayMs},
    {"request_time_ms", &HttpLimits::request_time_ms, 10, kDayMs},
    {"stop_time_ms", &HttpLimits::stop_time_ms, 0, kDayMs},
    {"connections", &HttpLimits::connections, 1, 1'000'000},
    {"requests_in_flight", &HttpLimits::requests_in_flight, 1, 1'000'000},
    {"store_threads", &HttpLimits::store_threads, 1, 4'096},
    {"requests_per_second", &HttpLimits::requests_per_second, 1, 1'000'000'000},
    {"strangers_per_second", &HttpLimits::strangers_per_second, 1, 1'000'000'000},
};

}  // namespace

std::span<const HttpLimit> http_limits() noexcept { return kLimits; }

}  // namespace kist::core
