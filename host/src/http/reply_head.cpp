// SPDX-License-Identifier: Apache-2.0
#include "http/reply_head.hpp"

#include <charconv>

#include <boost/beast/http/status.hpp>

namespace kist::http {
namespace {

void append_number(detail::SecretBuffer& out, std::size_t number) {
  char digits[24];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), number).ptr;
  out.append({digits, static_cast<std::size_t>(end - digits)});
}

}  // namespace

std::string_view reason_phrase(int status) noexcept {
  namespace http = boost::beast::http;
  const auto text = http::obsolete_reason(http::int_to_status(static_cast<unsigned>(status)));
  return {text.data(), text.size()};
}

std::string_view DateHeader::text(std::time_t now) {
  if (now != made_) {
    struct tm parts {};
    char text[64];
    ::gmtime_r(&now, &parts);
    text_.assign(text, std::strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &parts));
    made_ = now;
  }
  return text_;
}

void append_reply_head(detail::SecretBuffer& out, const Reply& reply, std::string_view request_id,
                       std::string_view date, bool closes) {
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::size_t>(reply.status));
  out.append(" ");
  out.append(reason_phrase(reply.status));
  out.append("\r\nDate: ");
  out.append(date);
  out.append("\r\nX-Request-Id: ");
  out.append(request_id);
  out.append("\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nContent-Type: ");
  out.append(reply.content_type);
  for (const auto& [name, value] : reply.headers) {
    out.append("\r\n");
    out.append(name);
    out.append(": ");
    out.append(value);
  }
  if (closes) out.append("\r\nConnection: close");
  out.append("\r\nContent-Length: ");
  append_number(out, reply.body.size());
  out.append("\r\n\r\n");
}

}  // namespace kist::http
