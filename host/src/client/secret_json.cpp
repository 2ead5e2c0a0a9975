// SPDX-License-Identifier: Apache-2.0
#include "client/secret_json.hpp"

#include <optional>
#include <utility>

#include "memory/secret_storage.hpp"
#include "secrets/time_text.hpp"
#include "text/base64.hpp"
#include "text/json_secrets.hpp"
#include "text/printable.hpp"

namespace kist::client {
namespace {

namespace json = boost::json;

[[noreturn]] void refuse(std::string_view what) {
  throw Error(ErrorCode::unavailable, "the reply of the server has " + std::string(what) +
                                          "; expected the address of a Kist server");
}

const json::object& object_of(const json::value& value) {
  if (const json::object* const object = value.if_object()) return *object;
  refuse("no object where a secret or a list has to be");
}

const json::value& member(const json::value& value, std::string_view key) {
  if (const json::value* const found = object_of(value).if_contains(key)) return *found;
  refuse("no " + core::in_quotes(key));
}

std::string_view text_of(const json::value& value, std::string_view what) {
  if (const json::string* const text = value.if_string()) return {text->data(), text->size()};
  refuse("no text as " + core::in_quotes(what));
}

Uuid uuid_of(const json::value& value, std::string_view what) {
  if (const auto id = Uuid::parse(text_of(value, what))) return *id;
  refuse("no UUID as " + core::in_quotes(what));
}

Timestamp time_of(const json::value& body, std::string_view key) {
  if (const auto time = core::parse_time(text_of(member(body, key), key))) return time->time;
  refuse("no time as " + core::in_quotes(key));
}

std::optional<std::uint64_t> number_of(const json::value& body, std::string_view key) {
  const json::value* const found = object_of(body).if_contains(key);
  if (found == nullptr || found->is_null()) return std::nullopt;
  json::error_code error;
  const auto number = found->to_number<std::uint64_t>(error);
  if (error) refuse("no whole number as " + core::in_quotes(key));
  return number;
}

/// {"id": …, "name": …}, or the id alone.
Uuid named_id(const json::value& body, std::string_view key, const NameSink& sink) {
  const json::value& place = member(body, key);
  if (place.is_string()) return uuid_of(place, key);
  const Uuid id = uuid_of(member(place, "id"), key);
  if (const json::value* const name = object_of(place).if_contains("name"))
    sink(id, std::string(text_of(*name, key)));
  return id;
}

SecretMetadata metadata_of(const json::value& body, const Names& names) {
  SecretMetadata secret;
  secret.id = uuid_of(member(body, "id"), "id");
  if (const json::value* const readable = object_of(body).if_contains("readable");
      readable != nullptr && readable->is_bool() && !readable->get_bool()) {
    secret.readable = false;
    return secret;
  }
  secret.name = text_of(member(body, "name"), "name");
  const std::string_view scope = text_of(member(body, "scope"), "scope");
  if (scope != to_string(Scope::workspace) && scope != to_string(Scope::user))
    refuse("no scope as 'scope'");
  secret.scope = scope == to_string(Scope::user) ? Scope::user : Scope::workspace;
  secret.workspace_id = named_id(body, "workspace", names.workspace);
  secret.user_id = named_id(body, "user", names.principal);
  secret.created = time_of(body, "created");
  secret.updated = time_of(body, "updated");
  secret.revision = number_of(body, "revision").value_or(1);
  return secret;
}

/// {"base64": …}: bytes that are no UTF-8.
void set_bytes_of(SecretValues& values, std::string_view key, std::string_view text) {
  const auto bytes = core::read_base64(text);
  if (!bytes) refuse("a value that is no base64");
  values.set(key, {bytes->data(), bytes->size()});
}

void put_values(json::object& body, const SecretPatch& patch) {
  json::object& values = body["values"].emplace_object();
  for (std::size_t i = 0; i < patch.size(); ++i) {
    json::value& place = values[patch.key(i)];
    if (!patch.removes(i)) core::set_bytes(place, patch.value(i).reveal());
  }
}

}  // namespace

core::ShownSecret read_secret(const json::value& body, const Names& names) {
  core::ShownSecret shown;
  static_cast<SecretMetadata&>(shown.secret) = metadata_of(body, names);
  const json::value& values = member(body, "values");
  for (const auto& [key, value] : object_of(values)) {
    const std::string_view name(key.data(), key.size());
    if (value.is_null()) {
      shown.values_hidden = true;
      shown.secret.values.set(name, {});
    } else if (value.is_object()) {
      set_bytes_of(shown.secret.values, name, text_of(member(value, "base64"), "base64"));
    } else {
      shown.secret.values.set(name, text_of(value, name));
    }
  }
  return shown;
}

core::Page read_page(const json::value& body, const Names& names) {
  core::Page page;
  page.index = number_of(body, "index");
  page.max_size = number_of(body, "max_size").value_or(0);
  page.total = number_of(body, "total");
  page.total_pages = number_of(body, "total_pages");
  const json::array* const items = member(body, "items").if_array();
  if (items == nullptr) refuse("no list as 'items'");
  for (const json::value& item : *items) page.items.push_back(metadata_of(item, names));
  if (const json::value* const next = object_of(body).if_contains("next_cursor");
      next != nullptr && !next->is_null())
    page.next_cursor = text_of(*next, "next_cursor");
  return page;
}

Uuid read_id(const json::value& body) { return uuid_of(member(body, "id"), "id"); }

std::string read_text(const json::value& body, std::string_view key) {
  return std::string(text_of(member(body, key), key));
}

detail::SecretBuffer create_body(const core::NewSecret& wanted, const Uuid& id) {
  json::value document(json::object_kind, core::secret_storage());
  json::object& body = document.get_object();
  body["id"] = id.to_string();
  body["name"] = wanted.name;
  body["scope"] = to_string(wanted.scope);
  if (wanted.workspace) body["workspace"] = *wanted.workspace;
  put_values(body, wanted.values);
  return core::json_in_wiped_memory(document);
}

detail::SecretBuffer update_body(const core::SecretChange& change) {
  json::value document(json::object_kind, core::secret_storage());
  json::object& body = document.get_object();
  if (change.name) body["name"] = *change.name;
  if (change.scope) body["scope"] = to_string(*change.scope);
  if (change.values) put_values(body, *change.values);
  return core::json_in_wiped_memory(document);
}

}  // namespace kist::client
