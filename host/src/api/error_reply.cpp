// SPDX-License-Identifier: Apache-2.0
#include "api/error_reply.hpp"

#include <algorithm>
#include <chrono>
#include <string>

#include "api/refusal.hpp"
#include "secrets/error_table.hpp"
#include "secrets/invalid_parameter.hpp"

namespace kist::api {
namespace {

constexpr std::size_t kErrorBytes = 512;

void add_headers(http::Reply& reply, const Error& error) {
  if (reply.status == 401) reply.headers.emplace_back("WWW-Authenticate", "Bearer");
  if (reply.status == 429 || reply.status == 503) {
    const auto wait = std::chrono::ceil<std::chrono::seconds>(error.retry_after).count();
    reply.headers.emplace_back("Retry-After", std::to_string(std::max<std::int64_t>(wait, 1)));
  }
  const auto* const refusal = dynamic_cast<const Refusal*>(&error);
  if (refusal != nullptr && !refusal->allow.empty())
    reply.headers.emplace_back("Allow", refusal->allow);
}

void write_field(JsonWriter& out, const core::FieldError& field) {
  out.member("fields").raw("[{").member("field").text(field.field);
  out.member("value").text(field.value).member("allowed").raw("[");
  for (const std::string& word : field.allowed) out.item().text(word);
  out.raw("]}]");
}

}  // namespace

int status_of(const Error& error) {
  const auto* const refusal = dynamic_cast<const Refusal*>(&error);
  return refusal != nullptr ? refusal->status : core::http_status(error);
}

void set_error(http::Reply& reply, const Error& error, std::string_view request_id,
               const std::function<void(JsonWriter&)>& more) {
  const bool close = reply.close;
  reply = http::Reply();
  reply.close = close;
  reply.status = status_of(error);
  add_headers(reply, error);

  reply.body.reserve(kErrorBytes);
  JsonWriter out(reply.body);
  out.raw("{").member("detail").raw("[").item().text(core::error_row(error.code).wire_name);
  out.item().text(error.message()).raw("]");
  out.member("code").text(to_string(error.code)).member("request_id").text(request_id);
  if (const auto* const parameter = dynamic_cast<const core::InvalidParameter*>(&error))
    write_field(out, parameter->field);
  if (error.code == ErrorCode::indeterminate) out.member("outcome").raw("\"unknown\"");
  if (more) more(out);
  out.raw("}");
}

}  // namespace kist::api
