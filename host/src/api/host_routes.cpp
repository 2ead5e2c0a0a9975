// SPDX-License-Identifier: Apache-2.0
#include "api/host_routes.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <boost/json/serialize.hpp>

#include "api/query.hpp"
#include "api/secret_json.hpp"
#include "text/printable.hpp"

namespace kist::api {
namespace {

/// The store types that ZenML's clients know; they accept no other word.
std::string_view zenml_store_type(std::string_view type) {
  for (const std::string_view same : {"none", "aws", "gcp", "azure", "hashicorp"}) {
    if (type == same) return same;
  }
  return type == "sqlite" || type == "postgresql" ? "sql" : "custom";
}

void info(RouteCall& call) {
  JsonWriter out(call.exchange.reply().body);
  out.raw("{").member("id").uuid(call.generation.deployment_id());
  out.member("name").raw("\"kist\"").member("version").raw("\"" KIST_VERSION "\"");
  out.member("active").raw("true").member("debug").raw("false");
  out.member("deployment_type").raw("\"other\"").member("database_type").raw("\"other\"");
  out.member("secrets_store_type").text(zenml_store_type(call.generation.store_type()));
  out.member("auth_scheme").raw("\"OAUTH2_PASSWORD_BEARER\"").raw("}");
}

void current_user(RouteCall& call) {
  const core::Principal& principal = call.principal;
  JsonWriter out(call.exchange.reply().body);
  out.raw("{").member("id").uuid(principal.id).member("name").text(principal.name);
  out.member("full_name").raw("\"\"").member("active").raw("true");
  out.member("roles").raw("{");
  if (principal.role_everywhere) out.member("*").text(to_string(*principal.role_everywhere));
  for (const core::Workspace& workspace : call.generation.directory().workspaces()) {
    const auto role = principal.roles.find(workspace.id);
    if (role != principal.roles.end())
      out.member_named(workspace.name).text(to_string(role->second));
  }
  out.raw("}").member("created").time(kNoTime).member("updated").time(kNoTime).raw("}");
}

/// The page and size of a listing; all else of it does not count here.
core::ListRequest paging(RouteCall& call) {
  Parameters parameters = parse_query(call.exchange.request().query);
  std::erase_if(parameters, [](const core::ListParameter& parameter) {
    return parameter.name != "page" && parameter.name != "size";
  });
  return core::parse_list_request(parameters);
}

void workspaces(RouteCall& call) {
  const core::ListRequest request = paging(call);
  std::vector<const core::Workspace*> visible;
  for (const core::Workspace& workspace : call.generation.directory().workspaces()) {
    if (call.principal.role_in(workspace.id)) visible.push_back(&workspace);
  }
  const std::uint64_t total = visible.size();
  const std::uint64_t pages = std::max<std::uint64_t>(1, (total + request.size - 1) / request.size);
  if (request.page > pages)
    throw Error(ErrorCode::invalid_argument,
                "page " + std::to_string(request.page) + " is past the last, " +
                    std::to_string(pages) + ": there are " + std::to_string(total) +
                    " workspaces in pages of " + std::to_string(request.size));
  JsonWriter out(call.exchange.reply().body);
  out.raw("{").member("index").number(request.page).member("max_size").number(request.size);
  out.member("total_pages").number(pages).member("total").number(total);
  out.member("items").raw("[");
  const std::uint64_t end = std::min(total, request.offset() + request.size);
  for (std::uint64_t i = request.offset(); i < end; ++i)
    call.generation.directory_json().write_workspace(out.item(), visible[i]->id);
  out.raw("]}");
}

void workspace(RouteCall& call) {
  const core::Workspace* const found = call.generation.directory().find_workspace(call.parameter);
  if (found == nullptr || !call.principal.role_in(found->id))
    throw Error(ErrorCode::not_found, "there is no workspace " + core::in_quotes(call.parameter));
  JsonWriter out(call.exchange.reply().body);
  call.generation.directory_json().write_workspace(out, found->id);
}

void described(RouteCall& call, const boost::json::value& description) {
  call.exchange.reply().body.append(boost::json::serialize(description));
}

}  // namespace

void answer_host(RouteCall& call) {
  switch (call.route.action) {
    case Action::info:
      return info(call);
    case Action::version:
      return call.exchange.reply().body.append("\"" KIST_VERSION "\"");
    case Action::current_user:
      return current_user(call);
    case Action::workspaces:
      return workspaces(call);
    case Action::workspace:
      return workspace(call);
    case Action::store:
      return described(call, call.generation.describe_store());
    case Action::plugins:
      return described(call, call.generation.describe_plugins());
    default:
      throw Error(ErrorCode::unimplemented,
                  "this host has no backup store, and seals anew by `kist keys rewrap` only");
  }
}

}  // namespace kist::api
