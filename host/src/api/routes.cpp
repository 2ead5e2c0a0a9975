// SPDX-License-Identifier: Apache-2.0
#include "api/routes.hpp"

#include <algorithm>

namespace kist::api {
namespace {

using http::Method;

constexpr std::string_view kText = R"({"type":"string"})";
constexpr std::string_view kTexts = R"({"type":"array","items":{"type":"string"}})";
constexpr std::string_view kBoolean = R"({"type":"boolean","default":false})";
constexpr std::string_view kPage = R"({"type":"integer","minimum":1,"default":1})";
constexpr std::string_view kSize = R"({"type":"integer","minimum":1,"maximum":10000,"default":20})";

constexpr Parameter kId = {"id", "path", R"({"type":"string","format":"uuid"})",
                           "The secret's id."};
constexpr Parameter kIfMatch = {"If-Match", "header", kText,
                                "The ETag that the secret must still have, several, or *."};

constexpr Parameter kWorkspaceParameters[] = {
    {"name_or_id", "path", kText, "The name or id of a workspace."},
};
constexpr Parameter kGetParameters[] = {kId};
constexpr Parameter kDeleteParameters[] = {kId, kIfMatch};
constexpr Parameter kUpdateParameters[] = {
    kId,
    {"patch_values", "query", kBoolean,
     "true: the values are merged into the secret's, and null removes one; false: they are all."},
    kIfMatch,
};
constexpr Parameter kPagingParameters[] = {
    {"page", "query", kPage, "Which page."},
    {"size", "query", kSize, "How many on a page."},
};
constexpr Parameter kListParameters[] = {
    {"id", "query", kTexts, "Filter: [op:]UUID."},
    {"name", "query", kTexts,
     "Filter: [op:]text, with equals (the default), notequals, contains, startswith, endswith or "
     "oneof."},
    {"scope", "query", kTexts, "Filter: [op:]text."},
    {"workspace_id", "query", kTexts, "Filter: [op:]UUID."},
    {"user_id", "query", kTexts, "Filter: [op:]UUID."},
    {"created", "query", kTexts,
     "Filter: [op:]time, with equals, notequals, gt, gte, lt, lte or in."},
    {"updated", "query", kTexts, "Filter: [op:]time."},
    {"logical_operator", "query", R"({"type":"string","enum":["and","or"],"default":"and"})",
     "How filters are joined."},
    {"sort_by", "query", R"({"type":"string","default":"asc:created"})", "[asc:|desc:]field."},
    {"page", "query", kPage, "Which page; not with a cursor."},
    {"size", "query", kSize, "How many on a page."},
    {"cursor", "query", kText, "next_cursor of the page before."},
    {"with_total", "query", kBoolean, "Count the listing behind a cursor, too."},
};
constexpr Parameter kOperationParameters[] = {
    {"ignore_errors", "query", kBoolean, "Go on with the next secret after an error."},
    {"delete_secrets", "query", kBoolean, "Delete each secret once it is copied."},
    {"limit", "query", R"({"type":"integer","minimum":1})", "How many secrets at most."},
};

constexpr int kCreateStatuses[] = {403, 404, 409, 412, 415, 422, 502, 504, 507};
constexpr int kUpdateStatuses[] = {403, 404, 409, 412, 415, 422, 502, 504, 507};
constexpr int kDeleteStatuses[] = {403, 404, 409, 412, 422, 502, 504, 507};
constexpr int kGetStatuses[] = {403, 404, 409, 422, 502, 504, 507};
constexpr int kListStatuses[] = {403, 404, 409, 422, 502, 504, 507};
constexpr int kWorkspaceStatuses[] = {404};
constexpr int kWorkspacesStatuses[] = {422};

constexpr Route kRoutes[] = {
    {Action::create_secret,
     Method::post,
     "/api/v1/secrets",
     "secret.create",
     Access::principal,
     Place::pool,
     "Create a secret",
     "NewSecret",
     "Secret",
     {},
     kCreateStatuses},
    {Action::create_secret, Method::post, "/api/v1/workspaces/{name_or_id}/secrets",
     "secret.create", Access::principal, Place::pool, "Create a secret in this workspace",
     "NewSecret", "Secret", kWorkspaceParameters, kCreateStatuses},
    {Action::list_secrets, Method::get, "/api/v1/secrets", "secret.list", Access::principal,
     Place::pool, "List secrets, without their values", "", "SecretPage", kListParameters,
     kListStatuses},
    {Action::get_secret, Method::get, "/api/v1/secrets/{id}", "secret.get", Access::principal,
     Place::here_if_local, "Get a secret; who may not read values gets keys with null", "",
     "Secret", kGetParameters, kGetStatuses},
    {Action::update_secret, Method::put, "/api/v1/secrets/{id}", "secret.update", Access::principal,
     Place::pool, "Change a secret: what is present", "SecretUpdate", "Secret", kUpdateParameters,
     kUpdateStatuses},
    {Action::delete_secret, Method::remove, "/api/v1/secrets/{id}", "secret.delete",
     Access::principal, Place::pool, "Delete a secret", "", "Null", kDeleteParameters,
     kDeleteStatuses},
    {Action::secrets_operation,
     Method::put,
     "/api/v1/secrets_operations/backup",
     "store.backup",
     Access::admin,
     Place::here,
     "Copy all secrets to the backup store",
     "",
     "Null",
     kOperationParameters,
     {}},
    {Action::secrets_operation,
     Method::put,
     "/api/v1/secrets_operations/restore",
     "store.restore",
     Access::admin,
     Place::here,
     "Copy all secrets from the backup store",
     "",
     "Null",
     kOperationParameters,
     {}},
    {Action::secrets_operation,
     Method::put,
     "/api/v1/secrets_operations/reencrypt",
     "store.reencrypt",
     Access::admin,
     Place::here,
     "Seal all secrets with the current key",
     "",
     "Null",
     kOperationParameters,
     {}},
    {Action::info,
     Method::get,
     "/api/v1/info",
     "host.info",
     Access::principal,
     Place::here,
     "What this host is",
     "",
     "Info",
     {},
     {}},
    {Action::version,
     Method::get,
     "/api/v1/version",
     "host.version",
     Access::principal,
     Place::here,
     "The host's version",
     "",
     "Version",
     {},
     {}},
    {Action::current_user,
     Method::get,
     "/api/v1/current-user",
     "principal.get",
     Access::principal,
     Place::here,
     "Who asks, and with what roles",
     "",
     "CurrentUser",
     {},
     {}},
    {Action::workspaces, Method::get, "/api/v1/workspaces", "workspace.list", Access::principal,
     Place::here, "The workspaces in which the principal has a role", "", "WorkspacePage",
     kPagingParameters, kWorkspacesStatuses},
    {Action::workspace, Method::get, "/api/v1/workspaces/{name_or_id}", "workspace.get",
     Access::principal, Place::here, "One of them", "", "Workspace", kWorkspaceParameters,
     kWorkspaceStatuses},
    {Action::store,
     Method::get,
     "/api/v1/store",
     "store.describe",
     Access::admin,
     Place::here,
     "The store: type, capabilities, limits, quirks",
     "",
     "Store",
     {},
     {}},
    {Action::plugins,
     Method::get,
     "/api/v1/plugins",
     "plugin.list",
     Access::admin,
     Place::here,
     "The plugins, their state, and why one was refused",
     "",
     "Plugins",
     {},
     {}},
    {Action::health,
     Method::get,
     "/health",
     "",
     Access::open,
     Place::here,
     "The host is alive",
     "",
     "Health",
     {},
     {}},
    {Action::ready,
     Method::get,
     "/ready",
     "",
     Access::open,
     Place::ready,
     "The host can serve now; else 503 says why not",
     "",
     "Ready",
     {},
     {}},
    {Action::metrics,
     Method::get,
     "/metrics",
     "",
     Access::open,
     Place::here,
     "Metrics in the text format of Prometheus",
     "",
     "text",
     {},
     {}},
    {Action::openapi,
     Method::get,
     "/openapi.json",
     "",
     Access::open,
     Place::here,
     "This description",
     "",
     "OpenApi",
     {},
     {}},
};

}  // namespace

std::span<const Route> routes() noexcept { return kRoutes; }

std::vector<std::string_view> audited_actions() {
  std::vector<std::string_view> actions{kMetadataAction, "request.malformed", "request.unknown"};
  for (const Route& route : kRoutes) {
    if (!route.audited_as.empty()) actions.push_back(route.audited_as);
  }
  std::ranges::sort(actions);
  actions.erase(std::unique(actions.begin(), actions.end()), actions.end());
  return actions;
}

std::string_view method_name(http::Method method) noexcept {
  switch (method) {
    case Method::get:
      return "GET";
    case Method::head:
      return "HEAD";
    case Method::post:
      return "POST";
    case Method::put:
      return "PUT";
    case Method::remove:
      return "DELETE";
    case Method::other:
      break;
  }
  return "other";
}

RouteTable::RouteTable() {
  for (const Route& route : kRoutes) {
    Entry entry{&route, {}, 0};
    for (std::string_view rest = route.pattern; !rest.empty();) {
      rest.remove_prefix(1);
      const std::size_t slash = rest.find('/');
      entry.segments[entry.size++] = rest.substr(0, slash);
      rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash);
    }
    entries_.push_back(entry);
  }
}

bool RouteTable::matches(const Entry& entry, const Path& path, std::string_view& parameter) {
  if (entry.size != path.size()) return false;
  for (std::size_t i = entry.size; i-- > 0;) {  // From the end, where paths differ.
    if (entry.segments[i].starts_with('{'))
      parameter = path[i];
    else if (entry.segments[i] != path[i])
      return false;
  }
  return true;
}

RouteMatch RouteTable::find(http::Method method, const Path& path) const {
  const Method wanted = method == Method::head ? Method::get : method;
  RouteMatch match;
  for (const Entry& entry : entries_) {
    std::string_view parameter;
    if (!matches(entry, path, parameter)) continue;
    if (entry.route->method == wanted) return {entry.route, parameter, {}};
    match.allow += match.allow.empty() ? "" : ", ";
    match.allow += method_name(entry.route->method);
    if (entry.route->method == Method::get) match.allow += ", HEAD";
  }
  return match;
}

}  // namespace kist::api
