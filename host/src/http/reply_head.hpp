// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ctime>
#include <string>
#include <string_view>

#include <kist/secret_value.hpp>

#include "http/exchange.hpp"

namespace kist::http {

/// The words behind a status: "Not Found".
std::string_view reason_phrase(int status) noexcept;

/// The header Date (RFC 9110, 5.6.7), made anew once a second. Not for several threads.
class DateHeader {
 public:
  std::string_view text(std::time_t now);

 private:
  std::time_t made_ = -1;
  std::string text_;
};

/// Appends the status line and the headers of `reply`, and the empty line behind them.
void append_reply_head(detail::SecretBuffer& out, const Reply& reply, std::string_view request_id,
                       std::string_view date, bool closes);

}  // namespace kist::http
