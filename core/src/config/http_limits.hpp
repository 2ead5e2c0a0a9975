// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace kist::core {

/// What bounds those who ask a server: `http.limits`. Beyond a limit the answer is a status.
struct HttpLimits {
  std::int64_t header_bytes = 16 << 10;       ///< Request line and headers: 431.
  std::int64_t header_count = 100;            ///< 431.
  std::int64_t url_bytes = 8 << 10;           ///< 414.
  std::int64_t body_bytes = 1 << 20;          ///< 413.
  std::int64_t json_depth = 32;               ///< 400.
  std::int64_t json_nodes = 10'000;           ///< Values and keys of a body: 400.
  std::int64_t receive_time_ms = 10'000;      ///< From its first byte to its last: 408.
  std::int64_t send_time_ms = 10'000;         ///< A client that does not read its reply: closed.
  std::int64_t idle_time_ms = 60'000;         ///< Between two requests: closed.
  std::int64_t request_time_ms = 30'000;      ///< A call to the store: 504.
  std::int64_t stop_time_ms = 10'000;         ///< For requests in flight, when the host stops.
  std::int64_t connections = 20'000;          ///< 503, and closed.
  std::int64_t requests_in_flight = 1'000;    ///< Being answered by threads that may block: 503.
  std::int64_t store_threads = 64;            ///< Those threads.
  std::int64_t requests_per_second = 10'000;  ///< Of each principal: 429.
  std::int64_t strangers_per_second = 100;    ///< Requests without a principal, by network: 429.
};

/// One of them, as an operator names it.
struct HttpLimit {
  std::string_view name;  ///< "body_bytes".
  std::int64_t HttpLimits::*member;
  std::int64_t min, max;
};

/// All of them, in the order of the documents.
std::span<const HttpLimit> http_limits() noexcept;

}  // namespace kist::core
