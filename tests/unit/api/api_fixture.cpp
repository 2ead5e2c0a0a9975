// SPDX-License-Identifier: Apache-2.0
#include "api_fixture.hpp"

#include <chrono>
#include <sstream>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>

#include "access/token.hpp"
#include "openapi_check.hpp"

namespace kist::api::testing {
namespace {

using core::Role;

constexpr const char* kNames[] = {"alice", "bob", "reader", "lister", "stranger", "root"};

core::Directory a_directory() {
  return {Uuid{{0xDE}},
          {{"default", {}}, {"research", {}}},
          {{"alice", {}, {{"default", Role::writer}, {"research", Role::writer}}},
           {"bob", {}, {{"default", Role::writer}}},
           {"reader", {}, {{"default", Role::reader}}},
           {"lister", {}, {{"default", Role::lister}}},
           {"stranger", {}, {{"research", Role::admin}}},
           {"root", {}, {{"*", Role::admin}}}}};
}

http::Method method_named(std::string_view name) {
  for (const auto method : {http::Method::get, http::Method::head, http::Method::post,
                            http::Method::put, http::Method::remove}) {
    if (method_name(method) == name) return method;
  }
  return http::Method::other;
}

std::string string_of(const boost::json::value& value) {
  return value.is_string() ? std::string(value.get_string()) : boost::json::serialize(value);
}

}  // namespace

std::string Got::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return "";
}

boost::json::value Got::json() const {
  boost::system::error_code failure;
  auto value = boost::json::parse(body, failure);
  REQUIRE_MESSAGE(!failure, body);
  return value;
}

boost::json::value Got::at(std::string_view path) const {
  std::string pointer = "/";
  for (const char c : path) pointer += c == '.' ? '/' : c;
  boost::system::error_code failure;
  const boost::json::value whole = json();
  const auto* const found = whole.find_pointer(pointer, failure);
  REQUIRE_MESSAGE(found != nullptr, path, " in ", body);
  return *found;
}

std::string Got::text(std::string_view path) const { return string_of(at(path)); }

std::string Got::failure() const {
  if (status == 200) return "200";
  return std::to_string(status) + " " + text("code") + ": " + text("detail.1");
}

bool Exchange::run_in_pool(std::function<void()> work) {
  if (pool_.mode == Pool::Mode::full) return false;
  ++pool_.taken;
  if (pool_.mode == Pool::Mode::runs)
    work();
  else
    pool_.held.push_back(std::move(work));
  return true;
}

bool Exchange::is_finished() const {
  return done_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

Got Exchange::got() {
  REQUIRE(done_.wait_for(std::chrono::seconds(60)) == std::future_status::ready);
  Got got;
  got.status = reply_.status;
  got.body.assign(reply_.body.data(), reply_.body.size());
  got.content_type = reply_.content_type;
  for (const auto& [name, value] : reply_.headers) got.headers.emplace_back(name, value);
  got.close = reply_.close;
  check_reply(request_.method_text, request_.path, got.status, got.content_type, got.body);
  return got;
}

ApiFixture::ApiFixture(bool with_audit) : directory(a_directory()) {
  std::uint32_t uid = 1000;
  for (const std::string name : kNames) {
    const SecretValue token = core::new_token();
    tokens[name] = token.reveal();
    core::PrincipalSettings settings;
    settings.name = name;
    settings.token_hash = core::TokenHash::make(token.view(), name);
    settings.certificate = "CN=" + name;
    settings.socket_uid = uid++;
    principals.push_back(std::move(settings));
  }
  generations.now = generation();
  const auto say = [this](std::string_view sentence) { said.emplace_back(sentence); };
  if (with_audit)
    audit = std::make_unique<core::AuditLog>(
        core::AuditLogSettings{.file = temporary.path() / "audit.jsonl",
                               .deadline = std::chrono::milliseconds(60'000),
                               .checkpoint_time = std::chrono::milliseconds(3'600'000)},
        core::SigningKey::make(), [](std::string_view) {});
  api = std::make_unique<Api>(ApiParts{generations, audit.get(), core::system_clock_now, say},
                              metrics);
}

ApiFixture::~ApiFixture() = default;

std::unique_ptr<TestGeneration> ApiFixture::generation() {
  return std::make_unique<TestGeneration>(
      metered, directory, principals, [this] { return Timestamp(std::chrono::seconds(++seconds)); },
      [this] {
        Uuid id;
        ++ids;
        id.bytes[14] = static_cast<std::uint8_t>(ids >> 8);
        id.bytes[15] = static_cast<std::uint8_t>(ids);
        return id;
      });
}

std::unique_ptr<Exchange> ApiFixture::exchange(std::string_view method, std::string_view target,
                                               Asked asked) {
  http::Request request;
  request.id = "request-" + std::to_string(++requests);
  request.method = method_named(method);
  request.method_text = method;
  const std::size_t query = target.find('?');
  request.path = target.substr(0, query);
  if (query != std::string_view::npos) request.query = target.substr(query + 1);
  request.content_type = std::move(asked.content_type);
  request.if_match = std::move(asked.if_match);
  if (asked.authorization)
    request.authorization = SecretValue(*asked.authorization);
  else if (!asked.who.empty())
    request.authorization = SecretValue("Bearer " + token(asked.who));
  request.body = SecretValue(asked.body);
  return std::make_unique<Exchange>(std::move(request), std::move(asked.peer), pool);
}

Got ApiFixture::ask(std::string_view method, std::string_view target, Asked asked) {
  const auto one = exchange(method, target, std::move(asked));
  api->handle(*one);
  return one->got();
}

Got ApiFixture::refused(int status, std::string_view message, Asked asked) {
  const auto one = exchange("GET", "", std::move(asked));
  api->refuse(*one, status, message);
  return one->got();
}

Got ApiFixture::create(const std::string& name, std::string who) {
  Got made = ask("POST", "/api/v1/secrets",
                 {.who = std::move(who),
                  .body = R"({"name": ")" + name +
                          R"(", "values": {"user": "root", "password": "hunter2"}})"});
  REQUIRE(made.status == 200);
  return made;
}

std::vector<boost::json::object> ApiFixture::records() const {
  std::vector<boost::json::object> records;
  std::istringstream lines(core::testing::text_of(temporary.path() / "audit.jsonl"));
  for (std::string line; std::getline(lines, line);) {
    auto record = boost::json::parse(line).as_object();
    if (record.contains("action")) records.push_back(std::move(record));
  }
  return records;
}

std::string ApiFixture::last_record() const {
  const auto all = records();
  REQUIRE(!all.empty());
  std::string text;
  for (const char* const name :
       {"principal", "action", "secret_id", "secret_name", "status", "result"}) {
    const auto* const value = all.back().if_contains(name);
    const std::string shown = value == nullptr || value->is_null() ? "" : string_of(*value);
    text += (text.empty() ? "" : " ") + (shown.empty() ? std::string("-") : shown);
  }
  return text;
}

}  // namespace kist::api::testing
