// SPDX-License-Identifier: Apache-2.0
#include "api/secret_routes.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/if_match.hpp"
#include "api/query.hpp"
#include "api/secret_body.hpp"
#include "api/secret_json.hpp"
#include "memory/dead_stack.hpp"
#include "secrets/invalid_parameter.hpp"
#include "text/printable.hpp"

namespace kist::api {
namespace {

constexpr std::string_view kPatchValues = "patch_values";
constexpr std::string_view kUpdateParameters[] = {kPatchValues};

Uuid secret_id(RouteCall& call) {
  const auto id = Uuid::parse(call.parameter);
  if (!id)
    throw core::InvalidParameter(
        "the secret's id " + core::in_quotes(call.parameter) + " is no UUID",
        {"id", core::printable(call.parameter), {"a UUID"}});
  call.record.secret_id = id;
  return *id;
}

/// A name that was asked for may be longer than any secret's.
void note_name(RouteCall& call, std::string_view name) {
  call.record.secret_name = name.size() <= core::kMaxNameBytes
                                ? std::string(name)
                                : core::printable(name, core::kMaxNameBytes);
}

SecretBody read_body(const RouteCall& call) {
  const http::Request& request = call.exchange.request();
  SecretBody body = parse_secret_body(request.body.reveal(), call.generation.limits());
  core::wipe_dead_stack();  // The parser collects strings there.
  return body;
}

void reply_with(RouteCall& call, const Secret& secret, bool values_hidden) {
  note_name(call, secret.name);
  call.record.secret_id = secret.id;
  http::Reply& reply = call.exchange.reply();
  reply.headers.emplace_back("ETag", '"' + std::to_string(secret.revision) + '"');
  write_secret(reply.body, call.generation.directory_json(), secret, values_hidden);
}

/// Nothing: any revision will do. A list of them means the one of these that the secret has.
std::optional<std::uint64_t> wanted_revision(RouteCall& call, const Uuid& id) {
  const auto& header = call.exchange.request().if_match;
  if (!header) return std::nullopt;
  const std::vector<std::uint64_t> revisions = parse_if_match(*header);
  if (revisions.empty()) return std::nullopt;
  if (revisions.size() == 1) return revisions.front();
  const SecretMetadata current = call.generation.service().find_metadata(
      call.exchange.call(), call.principal, id.to_string(), {});
  if (current.id != id) throw core::no_such_secret(id);  // It was a name.
  const bool fits =
      std::find(revisions.begin(), revisions.end(), current.revision) != revisions.end();
  return fits ? current.revision : revisions.front();
}

/// The workspace that the path names.
const core::Workspace& workspace_of_path(const RouteCall& call) {
  const core::Workspace* const found = call.generation.directory().find_workspace(call.parameter);
  if (found == nullptr || !call.principal.role_in(found->id))
    throw Error(ErrorCode::not_found, "there is no workspace " + core::in_quotes(call.parameter));
  return *found;
}

void check_owner(const RouteCall& call, const std::string& user) {
  if (Uuid::parse(user) == call.principal.id || user == call.principal.name) return;
  throw Error(ErrorCode::permission_denied,
              "the body's 'user' is another than who asks; a secret belongs to who creates it");
}

void create(RouteCall& call) {
  SecretBody body = read_body(call);
  if (body.name) note_name(call, *body.name);
  call.record.secret_id = body.id;
  core::NewSecret wanted;
  wanted.workspace = body.workspace;
  if (!call.parameter.empty()) {
    const core::Workspace& workspace = workspace_of_path(call);
    if (body.workspace && call.generation.directory().find_workspace(*body.workspace) != &workspace)
      throw Error(
          ErrorCode::permission_denied,
          "the body's 'workspace' is another than the path's " + core::in_quotes(call.parameter));
    wanted.workspace = workspace.id.to_string();
  }
  if (body.user) check_owner(call, *body.user);
  if (!body.name) throw core::InvalidParameter("the body has no 'name'", {"name", "", {"a text"}});
  wanted.name = std::move(*body.name);
  if (body.scope) wanted.scope = *body.scope;
  if (body.values) wanted.values = std::move(*body.values);
  wanted.id = body.id;
  call.write = Write::asked;
  const Secret secret =
      call.generation.service().create(call.exchange.call(), call.principal, wanted);
  call.write = Write::made;
  reply_with(call, secret, false);
}

void list(RouteCall& call) {
  const core::ListRequest request =
      core::parse_list_request(parse_query(call.exchange.request().query));
  const core::Page page =
      call.generation.service().list(call.exchange.call(), call.principal, request);
  write_page(call.exchange.reply().body, call.generation.directory_json(), page);
}

void get(RouteCall& call) {
  const core::ShownSecret shown =
      call.generation.service().get(call.exchange.call(), call.principal, secret_id(call));
  // Who saw values must not be mixed up with who did not.
  if (shown.values_hidden) call.record.action = kMetadataAction;
  reply_with(call, shown.secret, shown.values_hidden);
}

void update(RouteCall& call) {
  const Uuid id = secret_id(call);
  const Parameters parameters = parse_query(call.exchange.request().query);
  refuse_misspelt(parameters, kUpdateParameters);
  core::SecretChange change;
  change.replace_values = !boolean_parameter(parameters, kPatchValues).value_or(false);
  SecretBody body = read_body(call);
  change.name = std::move(body.name);
  change.scope = body.scope;
  change.values = std::move(body.values);
  change.if_revision = wanted_revision(call, id);
  call.write = Write::asked;
  const Secret secret =
      call.generation.service().update(call.exchange.call(), call.principal, id, change);
  call.write = Write::made;
  reply_with(call, secret, false);
}

void remove(RouteCall& call) {
  const Uuid id = secret_id(call);
  const auto revision = wanted_revision(call, id);
  call.write = Write::asked;
  call.generation.service().remove(call.exchange.call(), call.principal, id, revision);
  call.write = Write::made;
  call.exchange.reply().body.append("null");
}

}  // namespace

void answer_secret(RouteCall& call) {
  switch (call.route.action) {
    case Action::create_secret:
      return create(call);
    case Action::list_secrets:
      return list(call);
    case Action::get_secret:
      return get(call);
    case Action::update_secret:
      return update(call);
    default:
      return remove(call);
  }
}

}  // namespace kist::api
