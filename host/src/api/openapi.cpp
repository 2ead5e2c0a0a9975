// SPDX-License-Identifier: Apache-2.0
#include "api/openapi.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "api/routes.hpp"
#include "api/schemas.hpp"

namespace kist::api {
namespace {

namespace json = boost::json;

struct Status {
  int status;
  std::string_view description;
};

constexpr Status kStatuses[] = {
    {400, "The request is wrong."},
    {401, "Nobody whom the host knows asks."},
    {403, "The principal may not."},
    {404, "There is no such thing, or the principal may not know of it."},
    {408, "The request took too long to come."},
    {409, "The name or id is taken, or the store's state forbids it."},
    {412, "The secret is not at the revision of If-Match."},
    {413, "The body or the secret is too large."},
    {414, "Path and query are too long."},
    {415, "The body is not application/json."},
    {417, "The Expect header is not understood."},
    {422, "A parameter or the body does not parse."},
    {429, "Too many requests."},
    {431, "Too many headers, or too long."},
    {500, "A bug, or stored data that failed its check."},
    {501, "The store cannot do this, or HTTP was asked for what it does not have here."},
    {502, "The store was refused by what is behind it."},
    {503, "Later may work."},
    {504, "Time was up; with outcome, a write may have been made."},
    {505, "Not HTTP/1.1."},
    {507, "The store is full."},
};

/// What may answer any request at all.
constexpr int kEverywhere[] = {400, 408, 413, 414, 417, 431, 500, 501, 503, 505};

json::value parsed(std::string_view text) {
  return json::parse(json::string_view(text.data(), text.size()));
}

json::value reference(std::string_view kind, std::string_view name) {
  return {{"$ref", "#/components/" + std::string(kind) + "/" + std::string(name)}};
}

json::object headers_of(std::initializer_list<std::string_view> names) {
  json::object headers;
  for (const std::string_view name : names) headers[name] = reference("headers", name);
  return headers;
}

/// The answer of every route with this status that is an error.
json::object error_response(const Status& status) {
  json::object headers = headers_of({"X-Request-Id", "Cache-Control"});
  if (status.status == 401) headers["WWW-Authenticate"] = reference("headers", "WWW-Authenticate");
  if (status.status == 429 || status.status == 503)
    headers["Retry-After"] = reference("headers", "Retry-After");
  return {{"description", status.description},
          {"headers", std::move(headers)},
          {"content", {{"application/json", {{"schema", reference("schemas", "Error")}}}}}};
}

json::object success(const Route& route, bool has_content) {
  json::object headers = headers_of({"X-Request-Id", "Cache-Control"});
  if (route.reply == "Secret") headers["ETag"] = reference("headers", "ETag");
  json::object response{{"description", "Done."}, {"headers", std::move(headers)}};
  if (!has_content) return response;
  const bool is_text = route.reply == "text";
  response["content"] = {{is_text ? "text/plain" : "application/json",
                          {{"schema", is_text ? json::value{{"type", "string"}}
                                              : reference("schemas", route.reply)}}}};
  return response;
}

std::vector<int> statuses_of(const Route& route) {
  std::vector<int> statuses(std::begin(kEverywhere), std::end(kEverywhere));
  statuses.insert(statuses.end(), route.statuses.begin(), route.statuses.end());
  if (route.access != Access::open) statuses.push_back(401);
  if (route.access == Access::admin) statuses.push_back(403);
  if (route.action != Action::health && route.action != Action::ready) statuses.push_back(429);
  std::sort(statuses.begin(), statuses.end());
  return statuses;
}

json::object responses_of(const Route& route, bool has_content) {
  json::object responses{{"200", success(route, has_content)}};
  for (const int status : statuses_of(route)) {
    const std::string text = std::to_string(status);
    responses[text] = reference("responses", text);
  }
  return responses;
}

json::array parameters_of(const Route& route) {
  json::array parameters;
  for (const Parameter& parameter : route.parameters) {
    json::object described{{"name", parameter.name},
                           {"in", parameter.in},
                           {"description", parameter.description},
                           {"schema", parsed(parameter.schema)}};
    if (parameter.in == "path") described["required"] = true;
    parameters.push_back(std::move(described));
  }
  return parameters;
}

/// "get_secrets_id": the method and the path without its prefix and punctuation.
std::string operation_id(std::string_view method, std::string_view pattern) {
  constexpr std::string_view prefix = "/api/v1";
  std::string id(method);
  if (pattern.starts_with(prefix)) pattern.remove_prefix(prefix.size());
  for (const char c : pattern) {
    if (c == '/' || c == '-' || c == '.')
      id += '_';
    else if (c != '{' && c != '}')
      id += c;
  }
  return id;
}

json::object operation(const Route& route, std::string_view method) {
  const bool is_head = method == "head";
  json::object described{{"operationId", operation_id(method, route.pattern)},
                         {"summary", route.summary}};
  described["parameters"] = parameters_of(route);
  if (!route.body.empty())
    described["requestBody"] = {
        {"required", true},
        {"content", {{"application/json", {{"schema", reference("schemas", route.body)}}}}}};
  described["responses"] = responses_of(route, !is_head);
  if (route.access == Access::open) described["security"] = json::array();
  return described;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(c | 0x20);
  return out;
}

json::object paths() {
  json::object paths;
  for (const Route& route : routes()) {
    json::value& path = paths[route.pattern];
    if (path.is_null()) path.emplace_object();
    const std::string method = lower(method_name(route.method));
    path.as_object()[method] = operation(route, method);
    if (route.method == http::Method::get) path.as_object()["head"] = operation(route, "head");
  }
  return paths;
}

json::object header(std::string_view description, std::string_view schema) {
  return {{"description", description}, {"schema", parsed(schema)}};
}

json::object components() {
  json::object all_schemas, responses;
  for (const Schema& schema : schemas()) all_schemas[schema.name] = parsed(schema.json);
  for (const Status& status : kStatuses)
    responses[std::to_string(status.status)] = error_response(status);
  constexpr std::string_view text = R"({"type":"string"})";
  json::object headers{
      {"X-Request-Id", header("The id of this request, as the audit log has it.", text)},
      {"Cache-Control", header("Nobody keeps a reply.", R"({"const":"no-store"})")},
      {"ETag", header("The secret's revision, quoted.", text)},
      {"Retry-After", header("Seconds.", R"({"type":"integer","minimum":1})")},
      {"WWW-Authenticate", header("How to say who asks.", R"({"const":"Bearer"})")}};
  return {{"schemas", std::move(all_schemas)},
          {"responses", std::move(responses)},
          {"headers", std::move(headers)},
          {"securitySchemes",
           {{"token", {{"type", "http"}, {"scheme", "bearer"}}},
            {"certificate", {{"type", "mutualTLS"}}}}}};
}

}  // namespace

std::string openapi_document() {
  const json::object document{
      {"openapi", "3.1.0"},
      {"info",
       {{"title", "Kist"},
        {"version", KIST_VERSION},
        {"description", "A secrets server. HEAD is answered as GET, without the body."}}},
      {"security", json::array{{{"token", json::array()}}, {{"certificate", json::array()}}}},
      {"paths", paths()},
      {"components", components()}};
  return json::serialize(document);
}

}  // namespace kist::api
