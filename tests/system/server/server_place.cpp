// SPDX-License-Identifier: Apache-2.0
#include "server_place.hpp"

#include <chrono>
#include <sstream>
#include <thread>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>

namespace kist::testing {

ServerPlace::ServerPlace() {
  settings = boost::json::parse(R"({
    "secrets_store": {"type": "sqlite", "path": "secrets.db"},
    "workspaces": ["default", "research"],
    "principals": [],
    "http": {"listen": ["127.0.0.1:0"], "limits": {"strangers_per_second": 1000000}}
  })")
                 .as_object();
  apply();
}

boost::json::object& ServerPlace::http(std::string_view name) {
  boost::json::value& section = settings["http"].as_object()[name];
  return section.is_object() ? section.as_object() : section.emplace_object();
}

std::string ServerPlace::add_token(std::string_view name, const boost::json::object& roles) {
  boost::json::value made = done_json({"token", "new", std::string(name)});
  boost::json::object principal = made.at("principal").as_object();
  principal["roles"] = roles;
  add_principal(std::move(principal));
  return text_of(made.at("token"));
}

void ServerPlace::add_principal(boost::json::object principal) {
  settings["principals"].as_array().push_back(std::move(principal));
}

void ServerPlace::apply() const { configure(boost::json::serialize(settings)); }

std::vector<boost::json::object> ServerPlace::audit_records() const {
  std::vector<boost::json::object> records;
  std::istringstream lines(read_file(audit_file()));
  for (std::string line; std::getline(lines, line);) {
    boost::json::object object = boost::json::parse(line).as_object();
    if (object.contains("action")) records.push_back(std::move(object));
  }
  return records;
}

RunningServer::RunningServer(const std::function<void(ServerPlace&)>& prepare)
    : admin(place.add_token("admin", {{"*", "admin"}})) {
  if (prepare) prepare(place);
  place.apply();
  restart();
}

void RunningServer::restart() {
  process.reset();
  process = std::make_unique<ServerProcess>(place);
}

Answer RunningServer::post(std::string_view path, std::string_view body) const {
  return ask(
      {.method = "POST", .path = std::string(path), .body = std::string(body), .token = admin});
}

Answer RunningServer::put(std::string_view path, std::string_view body) const {
  return ask(
      {.method = "PUT", .path = std::string(path), .body = std::string(body), .token = admin});
}

Answer RunningServer::remove(std::string_view path) const {
  return ask({.method = "DELETE", .path = std::string(path), .token = admin});
}

std::string RunningServer::create(std::string_view name, std::string_view token) const {
  const Answer answer = ask({.method = "POST",
                             .path = "/api/v1/secrets",
                             .body = secret_json(name),
                             .token = token.empty() ? admin : std::string(token)});
  INFO(answer.body);
  REQUIRE(answer.status == 200);
  return text_of(answer.json().at("id"));
}

bool eventually(const std::function<bool()>& is_so) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!is_so()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

std::string secret_json(std::string_view name, std::string_view more) {
  return "{\"name\": " + boost::json::serialize(boost::json::string(name)) + std::string(more) +
         "}";
}

}  // namespace kist::testing
