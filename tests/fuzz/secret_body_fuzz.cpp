// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <boost/json/parse.hpp>

#include <kist/error.hpp>

#include "api/json_writer.hpp"
#include "api/secret_body.hpp"
#include "secrets/validation.hpp"
#include "text/printable.hpp"

namespace {

namespace json = boost::json;

/// What was taken for a body is JSON for another parser too, and its values are those of the text.
void check_taken(std::string_view text, const kist::api::SecretBody& body) {
  boost::system::error_code failure;
  const json::value document = json::parse(json::string_view(text.data(), text.size()), failure);
  if (failure || !document.is_object()) std::abort();
  if (body.name && !kist::core::is_utf8(*body.name)) std::abort();
  if (!body.values) return;
  const json::object& values = document.at("values").as_object();
  if (values.size() != body.values->size()) std::abort();
  for (std::size_t i = 0; i < body.values->size(); ++i) {
    const std::string_view key = body.values->key(i);
    const json::value& value = values.at(json::string_view(key.data(), key.size()));
    if (value.is_null() != body.values->removes(i)) std::abort();
    if (value.is_string() && std::string_view(value.get_string()) != body.values->value(i).reveal())
      std::abort();
  }
}

/// What was read is written so that it can be read again.
void check_written(const kist::api::SecretBody& body) {
  kist::detail::SecretBuffer buffer;
  kist::api::JsonWriter out(buffer);
  out.raw("{").member("values").raw("{");
  for (std::size_t i = 0; i < body.values->size(); ++i) {
    out.member_named(body.values->key(i));
    if (body.values->removes(i))
      out.raw("null");
    else
      out.bytes(body.values->value(i).reveal());
  }
  out.raw("}}");
  const auto again = kist::api::parse_secret_body({buffer.data(), buffer.size()}, {});
  if (again.values->size() != body.values->size()) std::abort();
  for (std::size_t i = 0; i < body.values->size(); ++i) {
    if (again.values->key(i) != body.values->key(i) ||
        again.values->value(i).reveal() != body.values->value(i).reveal())
      std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const auto body = kist::api::parse_secret_body(text, {});
    check_taken(text, body);
    if (body.values) check_written(body);
  } catch (const kist::core::LimitExceeded&) {
  } catch (const kist::Error& refusal) {
    if (refusal.code != kist::ErrorCode::invalid_argument) std::abort();
  }
  return 0;
}
