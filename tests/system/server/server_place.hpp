// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "../kist_process.hpp"
#include "server_process.hpp"

namespace kist::testing {

/// A directory with the configuration of a server, which a test changes before it starts one: a
/// free port, two workspaces, no principal yet.
class ServerPlace : public Workplace {
 public:
  ServerPlace();

  boost::json::object settings;  ///< Of kist.json.

  /// An object of `settings.http`, made if there is none: "limits", "tls".
  boost::json::object& http(std::string_view name);
  void limit(std::string_view name, std::int64_t value) { http("limits")[name] = value; }

  /// Adds a principal who has these roles, and gives the token.
  std::string add_token(std::string_view name, const boost::json::object& roles);
  void add_principal(boost::json::object principal);

  /// Writes kist.json.
  void apply() const;
  std::filesystem::path audit_file() const { return path() / "kist-audit.jsonl"; }
  /// One object for each line of it that is a record.
  std::vector<boost::json::object> audit_records() const;
};

/// One that serves, and what most tests need: an admin of everything.
struct RunningServer {
  /// `prepare` changes the settings before the server starts.
  explicit RunningServer(const std::function<void(ServerPlace&)>& prepare = {});

  ServerPlace place;
  std::string admin;  ///< A token.
  std::unique_ptr<ServerProcess> process;

  Connection connect(const TcpOptions& options = {}) const { return process->connect(options); }
  /// Starts another on what the last one left behind.
  void restart();

  /// On a connection of its own.
  Answer ask(const Ask& ask) const { return connect().ask(ask); }
  Answer get(std::string_view path) const {
    return this->ask({.path = std::string(path), .token = admin});
  }
  Answer post(std::string_view path, std::string_view body) const;
  Answer put(std::string_view path, std::string_view body) const;
  Answer remove(std::string_view path) const;
  /// Makes a secret with one value, and gives its id.
  std::string create(std::string_view name, std::string_view token = {}) const;
};

/// Tries again and again, until it is so: true; or for longer than anything takes.
bool eventually(const std::function<bool()>& is_so);

/// The body of a create.
std::string secret_json(std::string_view name, std::string_view more = R"(, "values": {"k": "v"})");

}  // namespace kist::testing
