// SPDX-License-Identifier: Apache-2.0
#include "cli/status_command.hpp"

#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>

#include <boost/json/object.hpp>

#include "cli/json_output.hpp"
#include "cli/open_host.hpp"
#include "cli/process_setup.hpp"
#include "cli/server_view.hpp"
#include "cli/standard_streams.hpp"
#include "cli/store_commands.hpp"
#include "client/server.hpp"
#include "secrets/error_table.hpp"

namespace kist::cli {
namespace {

namespace json = boost::json;

int exit_code_of(const std::optional<Error>& problem) {
  return problem ? core::error_row(problem->code).exit_code : 0;
}

std::string text_of(const Error& error) {
  return std::string(to_string(error.code)) + ": " + std::string(error.message());
}

json::value member(const json::value& document, std::string_view key) {
  const json::value* const found =
      document.is_object() ? document.get_object().if_contains(key) : nullptr;
  return found == nullptr ? json::value(nullptr) : *found;
}

/// What a server says of itself and of us. What it does not tell us is left out.
class ServerStatus {
 public:
  explicit ServerStatus(Session& session) : session_(session), server_(session.server->clone()) {}

  json::object take() {
    const client::JsonReply ready = look("/ready");
    status_["server"] = server_.address().text;
    status_["ready"] = ready.status == 200;
    if (ready.status != 200) say_why(ready);
    status_["round_trip_us"] = round_trip().count();
    if (const auto info = ask("/info")) {
      status_["version"] = member(*info, "version");
      status_["deployment_id"] = member(*info, "id");
      add_store_type(*info);
      add_principal();
    }
    if (problem_) status_["problem"] = json_text(text_of(*problem_));
    return std::move(status_);
  }

  const std::optional<Error>& problem() const { return problem_; }

 private:
  client::JsonReply look(const std::string& path) {
    InterruptibleCall call(session_.interrupts, session_.timeout);
    return server_.look(*call, path);
  }

  void say_why(const client::JsonReply& reply) {
    status_["reasons"] = member(reply.body, "reasons");
    problem_ = Error(ErrorCode::unavailable, "the server is not ready");
  }

  /// Of the smallest request, over the connection that is there.
  std::chrono::microseconds round_trip() {
    const auto start = std::chrono::steady_clock::now();
    look("/health");
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                                 start);
  }

  /// Its own word is for administrators; all others are told the one that ZenML's clients know.
  void add_store_type(const json::value& info) {
    InterruptibleCall call(session_.interrupts, session_.timeout);
    try {
      status_["store_type"] =
          member(server_.get(*call, std::string(client::kApiPath) + "/store"), "type");
    } catch (const Error& error) {
      if (error.code == ErrorCode::cancelled) throw;
      status_["zenml_store_type"] = member(info, "secrets_store_type");
    }
  }

  void add_principal() {
    const auto who = ask("/current-user");
    if (!who) return;
    status_["principal"] = member(*who, "name");
    status_["roles"] = member(*who, "roles");
  }

  /// Nothing: it does not tell us, and why is the problem.
  std::optional<json::value> ask(const std::string& path) {
    InterruptibleCall call(session_.interrupts, session_.timeout);
    try {
      return server_.get(*call, std::string(client::kApiPath) + path);
    } catch (const Error& error) {
      if (error.code == ErrorCode::cancelled) throw;
      if (!problem_) problem_ = is_token_refused(error) ? token_refused() : error;
      return std::nullopt;
    }
  }

  bool is_token_refused(const Error& error) const {
    return error.code == ErrorCode::unauthenticated && !session_.server->token.empty();
  }

  static Error token_refused() {
    return {ErrorCode::unauthenticated,
            "the server is there, and does not know the token that was sent, or it has expired"};
  }

  Session& session_;
  client::Server server_;
  json::object status_;
  std::optional<Error> problem_;
};

json::object local_status(const OpenHost& host, const std::optional<Error>& problem) {
  const json::value store = describe_store(host);
  json::object status{{"configuration", json_text(host.loaded().describe_file())},
                      {"version", KIST_VERSION},
                      {"store_type", member(store, "type")}};
  if (host.plugin() == nullptr) return status;
  status["deployment_id"] = member(store, "deployment_id");
  status["plugin"] = member(member(store, "plugin"), "id");
  status["sealing"] = member(store, "sealing");
  status["principal"] = json_text(host.directory().local_principal().name);
  status["roles"] = json::object{{"*", "admin"}};
  status["memory_for_secrets"] = describe_secret_memory();
  status["ready"] = !problem;
  if (problem) status["problem"] = json_text(text_of(*problem));
  return status;
}

void write_status(const Session& session, const json::object& status) {
  if (session.json())
    write_json(status);
  else
    write_output(tables_of(status));
}

int status(Session& session, const Arguments&) {
  if (session.server) {
    ServerStatus of_server(session);
    write_status(session, of_server.take());
    const std::optional<Error>& problem = of_server.problem();
    const bool shows_token = !session.server->token.empty();
    if (problem && problem->code == ErrorCode::unauthenticated && !shows_token)
      session.notice(
          "to who shows a token (KIST_TOKEN, --token-file) or a client certificate that it knows, "
          "the server also tells its version, its deployment, its type of store, and who one is");
    return exit_code_of(problem);
  }
  OpenHost host(session);
  const std::optional<Error> problem =
      host.plugin() != nullptr ? health_of(session, host) : std::nullopt;
  write_status(session, local_status(host, problem));
  return exit_code_of(problem);
}

}  // namespace

std::vector<Command> status_commands() {
  return {{.words = "status",
           .summary = "Shows which store or server is in use, how it is, and who you are to it",
           .details = "The exit code is 0 if it can serve you now.\n",
           .examples = {"kist status", "kist status --server https://kist.example"},
           .server = true,
           .run = status}};
}

}  // namespace kist::cli
