// SPDX-License-Identifier: Apache-2.0
#include "api/openapi.hpp"

#include <set>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include "api/routes.hpp"
#include "api/schemas.hpp"
#include "openapi_check.hpp"

namespace kist::api::testing {
namespace {

namespace json = boost::json;

/// Every "$ref" below a node.
void collect_references(const json::value& node, std::set<std::string>& references) {
  if (node.is_array()) {
    for (const json::value& item : node.get_array()) collect_references(item, references);
  }
  if (!node.is_object()) return;
  for (const auto& member : node.get_object()) {
    if (member.key() == "$ref") references.insert(std::string(member.value().as_string()));
    collect_references(member.value(), references);
  }
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(c | 0x20);
  return out;
}

TEST_SUITE("host/api/openapi") {
  TEST_CASE("it describes every route, and nothing else") {
    const json::value document = json::parse(openapi_document());
    CHECK(document.at("openapi").as_string() == "3.1.0");
    std::set<std::string> described, dispatched;
    for (const auto& path : document.at("paths").as_object()) {
      for (const auto& operation : path.value().as_object())
        described.insert(std::string(operation.key()) + " " + std::string(path.key()));
    }
    for (const Route& route : routes()) {
      dispatched.insert(lower(method_name(route.method)) + " " + std::string(route.pattern));
      if (route.method == http::Method::get)
        dispatched.insert("head " + std::string(route.pattern));
    }
    CHECK(described == dispatched);
  }

  TEST_CASE("an operation has an id of its own, and declares what is in its path") {
    const json::value document = json::parse(openapi_document());
    std::set<std::string> ids;
    for (const auto& path : document.at("paths").as_object()) {
      std::set<std::string> wanted;
      const std::string pattern(path.key());
      const std::size_t open = pattern.find('{');
      if (open != std::string::npos)
        wanted.insert(pattern.substr(open + 1, pattern.find('}') - open - 1));
      for (const auto& member : path.value().as_object()) {
        const json::object& operation = member.value().as_object();
        CHECK(ids.insert(std::string(operation.at("operationId").as_string())).second);
        std::set<std::string> declared;
        for (const json::value& parameter : operation.at("parameters").as_array()) {
          if (parameter.at("in").as_string() != "path") continue;
          declared.insert(std::string(parameter.at("name").as_string()));
          CHECK(parameter.at("required").as_bool());
        }
        CHECK(declared == wanted);
        CHECK(operation.at("responses").as_object().contains("200"));
      }
    }
    CHECK(ids.contains("get_secrets_id"));
    CHECK(ids.contains("get_openapi_json"));
  }

  TEST_CASE("every reference leads somewhere, and every component is used") {
    const json::value document = json::parse(openapi_document());
    std::set<std::string> references;
    collect_references(document, references);
    for (const std::string& reference : references) {
      CAPTURE(reference);
      boost::system::error_code failure;
      CHECK(document.find_pointer(reference.substr(1), failure) != nullptr);
    }
    for (const char* const kind : {"schemas", "responses", "headers"}) {
      for (const auto& component : document.at("components").at(kind).as_object()) {
        const std::string reference =
            "#/components/" + std::string(kind) + "/" + std::string(component.key());
        CAPTURE(reference);
        CHECK(references.contains(reference));
      }
    }
  }

  TEST_CASE("only what needs no token says so") {
    const json::value document = json::parse(openapi_document());
    for (const auto& path : document.at("paths").as_object()) {
      const bool is_open = path.key() == "/health" || path.key() == "/ready" ||
                           path.key() == "/metrics" || path.key() == "/openapi.json";
      for (const auto& operation : path.value().as_object()) {
        CHECK(operation.value().as_object().contains("security") == is_open);
        CHECK(operation.value().at("responses").as_object().contains("401") != is_open);
      }
    }
  }

  TEST_CASE("a reply that is not declared to the letter is found") {
    const OpenApiCheck check(json::parse(openapi_document()));
    const auto fault = [&](const char* method, const char* path, int status, const char* body) {
      return check.fault_of_reply(method, path, status, "application/json", body);
    };
    const char* const error = R"({"detail":["KeyError","x"],"code":"not_found","request_id":"1"})";
    CHECK(fault("GET", "/health", 200, "\"OK\"") == "");
    CHECK(fault("GET", "/health", 200, "\"ok\"") != "");
    CHECK(fault("GET", "/health", 201, "\"OK\"") == "status 201 is not declared");
    CHECK(fault("GET", "/health", 401, error) == "status 401 is not declared");
    CHECK(fault("GET", "/nothing", 404, error) == "");
    CHECK(fault("GET", "/nothing", 404, R"({"detail":"Not Found"})") != "");
    CHECK(fault("GET", "/api/v1/version", 200, "7") != "");
    CHECK(fault("DELETE", "/api/v1/secrets/x", 200, "null") == "");
    CHECK(fault("DELETE", "/api/v1/secrets/x", 200, "{}") != "");
    CHECK(fault("GET", "/api/v1/secrets/x", 404, error) == "");
    CHECK(fault("GET", "/api/v1/secrets/x", 404,
                R"({"detail":["KeyError","x"],"code":"not_found","request_id":"1","more":1})") ==
          "body.more is not declared");
    CHECK(fault("GET", "/api/v1/secrets/x", 404,
                R"({"detail":["KeyError"],"code":"not_found","request_id":"1"})") != "");
    CHECK(fault("GET", "/api/v1/secrets/x", 404,
                R"({"detail":["KeyError","x"],"code":"gone","request_id":"1"})") != "");
    CHECK(fault("GET", "/api/v1/secrets/x", 404, R"({"detail":["a","b"],"code":"not_found"})") ==
          "body: no request_id");
    CHECK(check.fault_of_reply("GET", "/metrics", 200, "text/plain; version=0.0.4", "x 1") == "");
    CHECK(check.fault_of_reply("GET", "/metrics", 200, "text/html", "x") != "");
    CHECK(check.template_of("/api/v1/secrets/00") == "/api/v1/secrets/{id}");
    CHECK(check.template_of("/api/v1/workspaces/x/secrets") ==
          "/api/v1/workspaces/{name_or_id}/secrets");
    CHECK(check.template_of("/api/v1/secrets/a/b") == "");
  }
}

}  // namespace
}  // namespace kist::api::testing
