// SPDX-License-Identifier: Apache-2.0
#include "client/server.hpp"

#include <charconv>
#include <optional>
#include <utility>

#include <boost/json/parser.hpp>

#include "client/server_error.hpp"
#include "memory/secret_storage.hpp"
#include "secrets/error_table.hpp"
#include "text/printable.hpp"

namespace kist::client {
namespace {

namespace json = boost::json;

constexpr std::size_t kDepthMax = 32;
constexpr std::size_t kTextBytesMax = 8192;

/// Nothing: the text is no JSON.
std::optional<json::value> parse(std::string_view text, json::storage_ptr storage) {
  json::parse_options options;
  options.max_depth = kDepthMax;
  json::parser parser(core::secret_storage(), options);
  parser.reset(std::move(storage));
  json::error_code error;
  parser.write({text.data(), text.size()}, error);
  if (error) return std::nullopt;
  return parser.release();
}

std::string text_of(const json::object& object, std::string_view key) {
  const json::value* const found = object.if_contains(key);
  const json::string* const text = found == nullptr ? nullptr : found->if_string();
  return text == nullptr ? std::string() : std::string(text->data(), text->size());
}

/// {"detail": [name, message], "code": …, "request_id": …}. Nothing: the reply is not like that.
std::optional<ServerError> error_of_kist(const HttpReply& reply) {
  const auto body = parse(reply.text(), {});
  const json::object* const object = body ? body->if_object() : nullptr;
  if (object == nullptr) return std::nullopt;
  const std::string code = text_of(*object, "code");
  const json::value* const detail = object->if_contains("detail");
  const json::array* const parts = detail == nullptr ? nullptr : detail->if_array();
  if (code.empty() || parts == nullptr || parts->size() != 2 || !(*parts)[1].is_string())
    return std::nullopt;
  const json::string& message = (*parts)[1].get_string();
  std::string id = text_of(*object, "request_id");
  return ServerError(core::error_code_named(code), core::printable(message, kTextBytesMax),
                     core::printable(id.empty() ? reply.request_id : id));
}

std::chrono::milliseconds seconds_of(const std::string& text) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc{} || seconds < 0 || seconds > 86'400) return {};
  return std::chrono::seconds(seconds);
}

/// What a status means that is not Kist's own: that of something in between.
ErrorCode code_of_status(unsigned status, bool writes) {
  if (writes && (status == 502 || status == 504)) return ErrorCode::indeterminate;
  if (status == 401) return ErrorCode::unauthenticated;
  if (status == 403) return ErrorCode::permission_denied;
  return status == 429 || status >= 500 ? ErrorCode::unavailable : ErrorCode::failed_precondition;
}

}  // namespace

json::value Server::ask(Call& call, const HttpRequest& request, json::storage_ptr storage) {
  const HttpReply reply = client_.exchange(call, request);
  if (reply.status / 100 != 2) fail(reply, request.writes);
  return parsed(reply, request.writes, std::move(storage));
}

json::value Server::get(Call& call, std::string target, json::storage_ptr storage) {
  return ask(call, {.method = "GET", .target = std::move(target), .repeatable = true},
             std::move(storage));
}

JsonReply Server::look(Call& call, std::string target) {
  const HttpReply reply =
      client_.exchange(call, {.method = "GET", .target = std::move(target), .repeatable = true});
  auto body = parse(reply.text(), {});
  return {reply.status, body ? std::move(*body) : json::value(nullptr)};
}

void Server::fail(const HttpReply& reply, bool writes) const {
  if (auto error = error_of_kist(reply)) {
    error->retry_after = seconds_of(reply.retry_after);
    throw ServerError(*error);
  }
  const std::string status = std::to_string(reply.status) + (reply.reason.empty() ? "" : " ") +
                             core::printable(reply.reason, 64);
  const bool redirects = reply.status / 100 == 3;
  throw ServerError(
      code_of_status(reply.status, writes),
      address().named() + " answered " + status +
          (redirects ? ", which is not followed: a token goes only to the server that "
                       "is named"
                     : ", and not as Kist does; expected the address of a Kist "
                       "server"),
      core::printable(reply.request_id));
}

json::value Server::parsed(const HttpReply& reply, bool writes, json::storage_ptr storage) const {
  auto body = parse(reply.text(), std::move(storage));
  if (body) return std::move(*body);
  throw ServerError(
      writes ? ErrorCode::indeterminate : ErrorCode::unavailable,
      address().named() + " answered what is no JSON; expected the address of a Kist server",
      core::printable(reply.request_id));
}

std::string url_encoded(std::string_view text) {
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  constexpr char digits[] = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    if (plain.find(c) != std::string_view::npos) {
      result += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    result += {'%', digits[byte >> 4], digits[byte & 15]};
  }
  return result;
}

}  // namespace kist::client
