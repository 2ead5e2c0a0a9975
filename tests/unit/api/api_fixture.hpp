// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/value.hpp>

#include "../config/temporary_directory.hpp"
#include "../secrets/store_in_memory.hpp"
#include "access/authenticator.hpp"
#include "api/api.hpp"
#include "api/metered_store.hpp"
#include "audit/audit_log.hpp"

namespace kist::api::testing {

/// A request as a test writes it.
struct Asked {
  std::string who = "alice";  ///< Whose token is shown; empty: none is.
  std::string body{};
  std::optional<std::string> content_type = "application/json";
  std::optional<std::string> if_match{};
  std::optional<std::string> authorization{};  ///< In place of the token.
  http::Peer peer{"127.0.0.1:51234", "127.0.0.1", {}, {}};
};

/// What came back.
struct Got {
  int status = 0;
  std::string body;
  std::string content_type;
  std::vector<std::pair<std::string, std::string>> headers;
  bool close = false;

  /// Empty: it is not there.
  std::string header(std::string_view name) const;
  boost::json::value json() const;
  /// A member, or a member of a member: "workspace.name", "items.0.name".
  boost::json::value at(std::string_view path) const;
  std::string text(std::string_view path) const;
  /// "404 not_found: there is no …"
  std::string failure() const;
};

/// The pool of threads that may block, as the tests have it: none.
struct Pool {
  enum class Mode { runs, full, holds } mode = Mode::runs;
  std::size_t taken = 0;
  std::deque<std::function<void()>> held;
};

class Exchange final : public http::Exchange {
 public:
  Exchange(http::Request request, http::Peer peer, Pool& pool)
      : request_(std::move(request)), peer_(std::move(peer)), pool_(pool) {}

  const http::Request& request() const override { return request_; }
  const http::Peer& peer() const override { return peer_; }
  http::Reply& reply() override { return reply_; }
  Call& call() override { return call_; }
  bool run_in_pool(std::function<void()> work) override;
  void finish() override { finished_.set_value(); }

  bool is_finished() const;
  /// Waits for finish().
  Got got();

 private:
  http::Request request_;
  http::Peer peer_;
  http::Reply reply_;
  core::testing::PlainCall call_;
  Pool& pool_;
  std::promise<void> finished_;
  std::future<void> done_ = finished_.get_future();
};

/// A store in memory that can be told to fail.
class FailingStore final : public core::StoreDecorator {
 public:
  using StoreDecorator::StoreDecorator;

  Secret create_secret(Call& call, Secret secret) override {
    before();
    return StoreDecorator::create_secret(call, std::move(secret));
  }
  Secret get_secret(Call& call, const Uuid& id) override {
    before();
    return StoreDecorator::get_secret(call, id);
  }
  void list_secrets(Call& call, const ListQuery& query, ListSink& sink) override {
    before();
    StoreDecorator::list_secrets(call, query, sink);
  }
  void check_health(Call& call) override {
    ++health_checks;
    if (health_failure) throw Error(*health_failure);
    StoreDecorator::check_health(call);
  }

  std::function<void()> fails;  ///< Throws.
  std::optional<Error> health_failure;
  int health_checks = 0;

 private:
  void before() const {
    if (fails) fails();
  }
};

class TestGeneration final : public Generation {
 public:
  TestGeneration(SecretsStoreInterface& store, const core::Directory& directory,
                 std::span<const core::PrincipalSettings> principals, core::Clock clock,
                 core::IdSource ids)
      : store_(store),
        directory_(directory),
        authenticator_(directory, principals),
        service_(store, directory, core::Limits{}, std::move(clock), std::move(ids),
                 core::CursorKey{9}) {}

  const core::Directory& directory() const override { return directory_; }
  const DirectoryJson& directory_json() const override { return directory_json_; }
  const core::Authenticator& authenticator() const override { return authenticator_; }
  core::SecretsService& service() const override { return service_; }
  SecretsStoreInterface& store() const override { return store_; }
  const core::HttpLimits& limits() const override { return http_limits; }
  const Uuid& deployment_id() const override { return deployment_id_; }
  const std::string& store_type() const override { return type; }
  bool store_is_local() const override { return is_local; }
  boost::json::value describe_store() const override { return {{"type", type}}; }
  boost::json::value describe_plugins() const override { return boost::json::array(); }

  core::HttpLimits http_limits;
  std::string type = "sqlite";
  bool is_local = true;

 private:
  SecretsStoreInterface& store_;
  const core::Directory& directory_;
  const DirectoryJson directory_json_{directory_};
  core::Authenticator authenticator_;
  mutable core::SecretsService service_;
  const Uuid deployment_id_{{0xDE}};
};

class TestGenerations final : public Generations {
 public:
  std::shared_ptr<const Generation> current() const override { return now; }
  std::shared_ptr<TestGeneration> now;
};

/// An Api over an empty store, with two workspaces and a principal of each role in `default`. The
/// clock of secrets counts seconds from 0, ids count up. Each reply is held against /openapi.json.
class ApiFixture {
 public:
  explicit ApiFixture(bool with_audit = false);
  ~ApiFixture();

  std::unique_ptr<Exchange> exchange(std::string_view method, std::string_view target,
                                     Asked asked = {});
  /// "GET", "/api/v1/secrets?size=1".
  Got ask(std::string_view method, std::string_view target, Asked asked = {});
  Got refused(int status, std::string_view message, Asked asked = {});

  Got create(const std::string& name, std::string who = "alice");
  /// The path of a secret that create() made.
  static std::string path_of(const Got& secret) { return "/api/v1/secrets/" + secret.text("id"); }
  const core::Principal& principal(const char* name) const {
    return *directory.find_principal(name);
  }
  std::string token(const std::string& name) const { return tokens.at(name); }
  std::unique_ptr<TestGeneration> generation();

  /// Of the audit log: records, without its checkpoints.
  std::vector<boost::json::object> records() const;
  /// "principal action id name status result" of the last, with "-" for what is missing.
  std::string last_record() const;

  core::testing::TemporaryDirectory temporary;
  core::testing::StoreInMemory memory;
  FailingStore store{memory};
  Metrics metrics;
  MeteredStore metered{store, metrics};
  core::Directory directory;
  std::map<std::string, std::string> tokens;
  std::vector<core::PrincipalSettings> principals;
  TestGenerations generations;
  std::unique_ptr<core::AuditLog> audit;
  std::vector<std::string> said;
  std::unique_ptr<Api> api;
  Pool pool;
  std::int64_t seconds = 0;
  std::uint32_t ids = 0;
  int requests = 0;
};

}  // namespace kist::api::testing
