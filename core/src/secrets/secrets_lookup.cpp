// SPDX-License-Identifier: Apache-2.0
// How SecretsService finds secrets, and what of them it lets a principal see.
#include <algorithm>
#include <utility>

#include "secrets/secrets_service.hpp"
#include "text/printable.hpp"

namespace kist::core {
namespace {

/// Keeps the rows of a listing.
class RowList final : public ListSink {
 public:
  explicit RowList(std::uint64_t limit) : limit_(limit) {}

  bool item(const SecretMetadata& row) override {
    if (rows.size() < limit_) rows.push_back(row);
    return rows.size() < limit_;
  }
  void total(std::uint64_t rows_in_all) override { count = rows_in_all; }

  std::vector<SecretMetadata> rows;
  std::optional<std::uint64_t> count;

 private:
  std::uint64_t limit_;
};

Condition equals(Field field, std::string text) {
  return {field, Operator::equals, {std::move(text)}};
}

std::uint64_t page_count(std::uint64_t total, std::uint64_t size) {
  return std::max<std::uint64_t>(1, total / size + (total % size == 0 ? 0 : 1));
}

std::string counted(std::uint64_t count, const char* thing) {
  return std::to_string(count) + " " + thing + (count == 1 ? "" : "s");
}

/// The secret is there, and its values cannot be had: they are damaged, sealed with a key that is
/// not in the keyring, or with one that is out of reach.
bool values_cannot_be_had(ErrorCode code) {
  return code == ErrorCode::corrupt || code == ErrorCode::failed_precondition ||
         code == ErrorCode::unavailable;
}

}  // namespace

Error no_such_secret(const Uuid& id) {
  return {ErrorCode::not_found, "there is no secret with id " + id.to_string()};
}

const Workspace& SecretsService::workspace(const Principal& principal,
                                           const std::optional<std::string>& name_or_id) const {
  const Workspace* const found =
      name_or_id ? directory_.find_workspace(*name_or_id) : &directory_.default_workspace();
  if (found == nullptr || !principal.role_in(found->id))
    throw Error(ErrorCode::not_found,
                "there is no workspace " + in_quotes(name_or_id ? *name_or_id : found->name));
  return *found;
}

void SecretsService::require(const Principal& principal, Role needed,
                             const Uuid& workspace_id) const {
  if (principal.may(needed, workspace_id)) return;
  const auto role = principal.role_in(workspace_id);
  const Workspace* const where = directory_.find_workspace(workspace_id.to_string());
  throw Error(ErrorCode::permission_denied,
              "principal " + in_quotes(principal.name) + " is a " +
                  std::string(role ? to_string(*role) : "stranger") + " in workspace " +
                  in_quotes(where != nullptr ? where->name : workspace_id.to_string()) +
                  "; this needs the role " + std::string(to_string(needed)));
}

bool SecretsService::is_visible(const Principal& principal, const SecretMetadata& secret) const {
  return principal.role_in(secret.workspace_id) &&
         (secret.scope == Scope::workspace || secret.user_id == principal.id);
}

/// A store that lists what it was not asked for must not show it to anyone (FL-5). What is known of
/// a damaged row may not be enough to show it; that is no fault of the store.
void SecretsService::keep_visible(const Principal& principal,
                                  std::vector<SecretMetadata>& rows) const {
  std::erase_if(rows, [&](const SecretMetadata& row) {
    if (is_visible(principal, row)) return false;
    if (row.readable)
      throw Error(ErrorCode::internal, "the store listed a secret that it was not asked for");
    return true;
  });
}

Visibility SecretsService::visibility(const Principal& principal) const {
  Visibility visible;
  visible.user_id = principal.id;
  if (principal.role_everywhere) return visible;
  visible.workspaces.emplace();
  for (const auto& [workspace_id, role] : principal.roles) {
    visible.workspaces->push_back(workspace_id);
  }
  return visible;
}

/// The secret, if the principal may know of it. Every way of not finding it looks the same.
Secret SecretsService::load(Call& call, const Principal& principal, const Uuid& id) {
  try {
    Secret secret = store_.get_secret(call, id);
    if (is_visible(principal, secret)) return secret;
  } catch (const Error& error) {
    const bool may_name_it = values_cannot_be_had(error.code);
    if (may_name_it && listed(call, principal, id)) throw;
    if (!may_name_it && error.code != ErrorCode::not_found) throw;
  }
  throw no_such_secret(id);
}

/// As load(), but a secret whose values are lost has metadata still (ST-16). A get by id comes
/// first, since a store that scans would read everything for the listing.
SecretMetadata SecretsService::load_metadata(Call& call, const Principal& principal,
                                             const Uuid& id) {
  try {
    return load(call, principal, id);
  } catch (const Error& error) {
    if (!values_cannot_be_had(error.code)) throw;
  }
  if (auto row = listed(call, principal, id)) return std::move(*row);
  throw no_such_secret(id);
}

std::optional<SecretMetadata> SecretsService::listed(Call& call, const Principal& principal,
                                                     const Uuid& id) {
  ListQuery query;
  query.visible = visibility(principal);
  query.conditions.push_back(equals(Field::id, id.to_hex()));
  query.limit = 1;
  RowList list(query.limit);
  store_.list_secrets(call, query, list);
  if (list.rows.empty()) return std::nullopt;
  return std::move(list.rows.front());
}

ShownSecret SecretsService::get(Call& call, const Principal& principal, const Uuid& id) {
  ShownSecret shown{load(call, principal, id)};
  if (principal.may(Role::reader, shown.secret.workspace_id)) return shown;
  SecretValues keys;
  for (const auto entry : shown.secret.values) keys.set(entry.key, {});
  shown.secret.values = std::move(keys);
  shown.values_hidden = true;
  return shown;
}

ShownSecret SecretsService::find(Call& call, const Principal& principal,
                                 std::string_view name_or_id, const SecretPlace& place) {
  return get(call, principal, find_metadata(call, principal, name_or_id, place).id);
}

SecretMetadata SecretsService::find_metadata(Call& call, const Principal& principal,
                                             std::string_view name_or_id,
                                             const SecretPlace& place) {
  if (const auto id = Uuid::parse(name_or_id)) {
    const Workspace* const where =
        place.workspace ? &workspace(principal, place.workspace) : nullptr;
    try {
      SecretMetadata secret = load_metadata(call, principal, *id);
      if ((where == nullptr || secret.workspace_id == where->id) &&
          (!place.scope || secret.scope == *place.scope))
        return secret;
    } catch (const Error& error) {
      if (error.code != ErrorCode::not_found) throw;
    }
  }
  return find_by_name(call, principal, name_or_id, place);
}

SecretMetadata SecretsService::find_by_name(Call& call, const Principal& principal,
                                            std::string_view name, const SecretPlace& place) {
  const Workspace& where = workspace(principal, place.workspace);
  const Error absent(ErrorCode::not_found, "there is no secret with the name or id " +
                                               in_quotes(name) + " in workspace " +
                                               in_quotes(where.name));
  if (!is_utf8(name) || name.find('\0') != std::string_view::npos) throw absent;
  ListQuery query;
  query.visible = visibility(principal);
  query.conditions.push_back(equals(Field::name, std::string(name)));
  query.conditions.push_back(equals(Field::workspace_id, where.id.to_hex()));
  if (place.scope)
    query.conditions.push_back(equals(Field::scope, std::string(to_string(*place.scope))));
  query.limit = 2;  // The principal's own, and the workspace's.
  RowList list(query.limit);
  store_.list_secrets(call, query, list);
  keep_visible(principal, list.rows);

  if (list.rows.empty()) throw absent;
  // To choose one in silence would now and then serve the wrong secret.
  if (list.rows.size() > 1)
    throw Error(ErrorCode::invalid_argument,
                "two secrets are named " + in_quotes(name) + " in workspace " +
                    in_quotes(where.name) +
                    ", one in the workspace scope and one in the user scope; say which scope");
  return std::move(list.rows.front());
}

Page SecretsService::list(Call& call, const Principal& principal, const ListRequest& request) {
  ListQuery query;
  query.visible = visibility(principal);
  query.conditions = request.conditions;
  query.match_any = request.match_any;
  query.sort = request.sort;
  query.descending = request.descending;
  query.limit = request.size + 1;  // One more, to see whether there is a next page.
  if (request.cursor) {
    query.after = read_cursor(cursor_key_, principal.id, request);
    query.with_total = request.with_total;
  } else {
    query.offset = request.offset();
    query.with_total = true;
  }
  RowList list(query.limit);
  store_.list_secrets(call, query, list);
  keep_visible(principal, list.rows);

  Page page;
  page.max_size = request.size;
  if (query.with_total) {
    if (!list.count)
      throw Error(ErrorCode::internal, "the store gave no total for a listing that asked for it");
    page.total = *list.count;
    page.total_pages = page_count(*list.count, request.size);
  }
  if (!request.cursor) {
    page.index = request.page;
    if (request.page > *page.total_pages)
      throw Error(ErrorCode::invalid_argument,
                  "page " + std::to_string(request.page) +
                      " is past the last: " + counted(*page.total, "secret") + " in pages of " +
                      std::to_string(request.size) + " make " + counted(*page.total_pages, "page"));
  }
  page.items = std::move(list.rows);
  if (page.items.size() > request.size) {
    page.items.pop_back();
    page.next_cursor = make_cursor(cursor_key_, principal.id, request, page.items.back());
  }
  return page;
}

}  // namespace kist::core
