// SPDX-License-Identifier: Apache-2.0
#include "api/secret_json.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace kist::api {
namespace {

constexpr std::size_t kMetadataBytes = 1024;  ///< What all but the values takes, as a rule.
constexpr std::size_t kEntryBytes = 8;        ///< Quotes, colon, comma, and an escape or two.

void write_metadata(JsonWriter& out, const DirectoryJson& directory, const SecretMetadata& secret) {
  out.member("id").uuid(secret.id).member("name").text(secret.name);
  out.member("scope").raw(secret.scope == Scope::user ? "\"user\"" : "\"workspace\"");
  directory.write_workspace(out.member("workspace"), secret.workspace_id);
  directory.write_principal(out.member("user"), secret.user_id);
  out.member("created").time(secret.created).member("updated").time(secret.updated);
  out.member("revision").number(secret.revision);
}

void write_number(JsonWriter& out, const std::optional<std::uint64_t>& number) {
  if (number)
    out.number(*number);
  else
    out.raw("null");
}

}  // namespace

void write_secret(detail::SecretBuffer& body, const DirectoryJson& directory, const Secret& secret,
                  bool values_hidden) {
  const SecretValues& values = secret.values;
  body.reserve(kMetadataBytes + values.byte_count() + kEntryBytes * values.size());
  JsonWriter out(body);
  out.raw("{");
  write_metadata(out, directory, secret);
  out.member("values").raw("{");
  for (const SecretValues::Entry entry : values) {
    out.member_named(entry.key);
    if (values_hidden)
      out.raw("null");
    else
      out.bytes(entry.value.reveal());
  }
  out.raw("}}");
}

void write_page(detail::SecretBuffer& body, const DirectoryJson& directory,
                const core::Page& page) {
  body.reserve(kMetadataBytes * (page.items.size() + 1));
  JsonWriter out(body);
  write_number(out.raw("{").member("index"), page.index);
  out.member("max_size").number(page.max_size);
  write_number(out.member("total_pages"), page.total_pages);
  write_number(out.member("total"), page.total);
  out.member("items").raw("[");
  for (const SecretMetadata& secret : page.items) {
    out.item().raw("{");
    write_metadata(out, directory, secret);
    if (!secret.readable) out.member("readable").raw("false");
    out.member("values").raw("{}}");
  }
  out.raw("]").member("next_cursor");
  if (page.next_cursor)
    out.text(*page.next_cursor);
  else
    out.raw("null");
  out.raw("}");
}

}  // namespace kist::api
