// SPDX-License-Identifier: Apache-2.0
#include "cli/secret_output.hpp"

#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "cli/json_output.hpp"
#include "cli/standard_streams.hpp"
#include "cli/table.hpp"
#include "cli/times.hpp"
#include "memory/secret_storage.hpp"
#include "text/json_secrets.hpp"
#include "text/printable.hpp"

namespace kist::cli {
namespace {

boost::json::object metadata_json(const client::SecretsAccess& access,
                                  const SecretMetadata& secret) {
  if (!secret.readable) return {{"id", secret.id.to_string()}, {"readable", false}};
  return {{"id", secret.id.to_string()},
          {"name", json_text(secret.name)},
          {"scope", to_string(secret.scope)},
          {"workspace", secret.workspace_id.to_string()},
          {"workspace_name", json_text(access.workspace_name(secret.workspace_id))},
          {"user", secret.user_id.to_string()},
          {"user_name", json_text(access.principal_name(secret.user_id))},
          {"created", time_for_programs(secret.created)},
          {"updated", time_for_programs(secret.updated)},
          {"revision", secret.revision}};
}

boost::json::object secret_json(const client::SecretsAccess& access, const Secret& secret,
                                Values values) {
  boost::json::object result(metadata_json(access, secret), core::secret_storage());
  boost::json::object& shown = result["values"].emplace_object();
  for (const SecretValues::Entry entry : secret.values) {
    boost::json::value& place = shown[entry.key];
    if (values == Values::revealed) core::set_bytes(place, entry.value.reveal());
  }
  return result;
}

std::string secret_table(const client::SecretsAccess& access, const Secret& secret, Values values) {
  Table fields;
  fields.row({"NAME", secret.name});
  fields.row({"SCOPE", std::string(to_string(secret.scope))});
  fields.row({"WORKSPACE", access.workspace_name(secret.workspace_id)});
  fields.row({"OWNER", access.principal_name(secret.user_id)});
  fields.row({"REVISION", std::to_string(secret.revision)});
  fields.row({"CREATED", time_for_people(secret.created) + " UTC"});
  fields.row({"UPDATED", time_for_people(secret.updated) + " UTC"});
  fields.row({"ID", secret.id.to_string()});
  if (secret.values.empty()) return fields.text() + "\nIt has no values.\n";
  Table keys({"KEY", "VALUE"});
  for (const SecretValues::Entry entry : secret.values) {
    keys.row({std::string(entry.key), values == Values::revealed ? std::string(entry.value.reveal())
                                                                 : std::string("(hidden)")});
  }
  return fields.text() + "\n" + keys.text();
}

std::string page_footer(const core::Page& page) {
  std::string footer;
  if (page.index && page.total_pages)
    footer = "page " + std::to_string(*page.index) + " of " + std::to_string(*page.total_pages);
  if (page.total) {
    footer += footer.empty() ? "" : ", ";
    footer += std::to_string(*page.total) + (*page.total == 1 ? " secret" : " secrets");
  }
  if (page.next_cursor)
    footer += (footer.empty() ? "next: --cursor " : "; next: --cursor ") + *page.next_cursor;
  if (footer.empty()) footer = "this is the last page";
  return footer + "\n";
}

boost::json::value page_json(const client::SecretsAccess& access, const core::Page& page) {
  const auto number = [](const std::optional<std::uint64_t>& value) {
    return value ? boost::json::value(*value) : boost::json::value(nullptr);
  };
  boost::json::array items;
  for (const SecretMetadata& secret : page.items) {
    boost::json::object item = metadata_json(access, secret);
    item["values"] = boost::json::object();
    items.push_back(std::move(item));
  }
  return {{"index", number(page.index)},
          {"max_size", page.max_size},
          {"total_pages", number(page.total_pages)},
          {"total", number(page.total)},
          {"items", std::move(items)},
          {"next_cursor",
           page.next_cursor ? boost::json::value(*page.next_cursor) : boost::json::value(nullptr)}};
}

}  // namespace

void write_secret(const Session& session, const client::SecretsAccess& access, const Secret& secret,
                  Values values) {
  if (session.json()) return write_json(secret_json(access, secret, values));
  std::string text = secret_table(access, secret, values);
  write_output(text);
  wipe(text.data(), text.size());
}

void write_change(const Session& session, const client::SecretsAccess& access,
                  std::string_view what, const Secret& secret) {
  if (session.json()) return write_json(secret_json(access, secret, Values::hidden));
  const std::size_t keys = secret.values.size();
  write_output(std::string(what) + " secret " + core::in_quotes(secret.name, 4096) + " (" +
               std::string(to_string(secret.scope)) + " scope, " + std::to_string(keys) +
               (keys == 1 ? " key" : " keys") + "), revision " + std::to_string(secret.revision) +
               ", id " + secret.id.to_string() + "\n");
}

void write_page(const Session& session, const client::SecretsAccess& access,
                const core::Page& page) {
  if (session.json()) return write_json(page_json(access, page));
  Table table({"NAME", "SCOPE", "WORKSPACE", "REVISION", "UPDATED", "ID"});
  for (const SecretMetadata& secret : page.items) {
    if (secret.readable)
      table.row({secret.name, std::string(to_string(secret.scope)),
                 access.workspace_name(secret.workspace_id), std::to_string(secret.revision),
                 time_for_people(secret.updated), secret.id.to_string()});
    else
      table.row({"(cannot be read)", "", "", "", "", secret.id.to_string()});
  }
  write_output(table.text() + page_footer(page));
}

}  // namespace kist::cli
