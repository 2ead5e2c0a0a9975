// SPDX-License-Identifier: Apache-2.0
#include "api/answer.hpp"

#include <exception>
#include <new>
#include <utility>
#include <vector>

#include "api/content_type.hpp"
#include "api/error_reply.hpp"
#include "api/host_routes.hpp"
#include "api/identity.hpp"
#include "api/refusal.hpp"
#include "api/secret_routes.hpp"
#include "text/printable.hpp"

namespace kist::api {
namespace {

constexpr std::size_t kSubjectBytesMax = 512;
constexpr std::string_view kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

Error unaudited() { return {ErrorCode::unavailable, "the audit log cannot be written"}; }

/// What the engine refuses, by its status.
ErrorCode code_of(int status) {
  switch (status) {
    case 408:
      return ErrorCode::deadline_exceeded;
    case 413:
    case 431:
      return ErrorCode::resource_exhausted;
    case 501:
    case 505:
      return ErrorCode::unimplemented;
    case 503:
      return ErrorCode::unavailable;
    default:
      return ErrorCode::invalid_argument;
  }
}

}  // namespace

Answer::Answer(Shared& shared, http::Exchange& exchange)
    : shared_(shared),
      exchange_(exchange),
      start_(Readiness::Clock::now()),
      generation_(shared.parts.generations.current()) {
  shared_.metrics.asked();
}

template <class Work>
bool Answer::attempt(Work work) noexcept {
  try {
    work();
    return true;
  } catch (const Error& error) {
    fail(error);
  } catch (const std::bad_alloc&) {
    fail_without_memory();
  } catch (const std::exception& failure) {
    fail_as_bug(failure.what());
  } catch (...) {
    fail_as_bug("something unknown was thrown");
  }
  return false;
}

/// A write that was made, and whose reply or record could not be: nobody may take it for undone.
void Answer::fail(const Error& error) noexcept {
  const ErrorCode code = write_ == Write::made ? ErrorCode::indeterminate : error.code;
  record_.result = to_string(code);
  is_unknown_ = code == ErrorCode::indeterminate;
  http::Reply& reply = exchange_.reply();
  try {
    if (code != error.code)
      set_error(
          reply,
          Error(code, "it is not known what became of this write: " + std::string(error.message())),
          exchange_.request().id);
    else
      set_error(reply, error, exchange_.request().id);
  } catch (const std::exception&) {  // There is no memory for it.
    reply.body = {};
    reply.status = is_unknown_ ? 504 : 503;
  }
}

void Answer::fail_without_memory() noexcept {
  if (write_ == Write::asked) write_ = Write::made;
  fail(Error(ErrorCode::unavailable, "there is not enough memory for this request now"));
}

void Answer::fail_as_bug(std::string_view what) noexcept {
  if (write_ == Write::asked) write_ = Write::made;
  fail(Error(ErrorCode::internal, "a bug; the host's log says more, under the id of this request"));
  try {
    shared_.parts.say("request " + exchange_.request().id + ": a bug: " + std::string(what));
  } catch (const std::exception&) {  // The reply has said it already.
  }
}

void Answer::start() noexcept {
  if (!attempt([this] { admit(); })) return complete();
  if (runs_here()) return run();
  if (attempt([this] {
        if (!exchange_.run_in_pool([this] { run(); }))
          throw Error(ErrorCode::unavailable, "too many requests wait for the store; try again");
      }))
    return;  // It may have ended already.
  if (asks_store_) shared_.readiness.give_up();
  complete();
}

void Answer::refuse(int status, std::string_view message) noexcept {
  attempt([&] {
    principal_ = who_asks(generation_->authenticator(), exchange_.request(), exchange_.peer(),
                          shared_.parts.clock());
    throw Refusal(status, code_of(status), std::string(message));
  });
  exchange_.reply().close = true;
  complete();
}

/// All that stands between a request and its route. What is wrong with the path comes before all
/// else: it must not depend on who asks (AT-01).
void Answer::admit() {
  const http::Request& request = exchange_.request();
  std::optional<Error> bad_path;
  try {
    path_.emplace(request.path);
    match_ = shared_.routes.find(request.method, *path_);
  } catch (const Error& error) {
    bad_path = error;
  }
  note_secret();
  if (match_.route == nullptr || match_.route->access != Access::open) {
    principal_ =
        who_asks(generation_->authenticator(), request, exchange_.peer(), shared_.parts.clock());
    if (shared_.parts.audit != nullptr && shared_.parts.audit->problem()) throw unaudited();
  }
  if (bad_path) throw Error(*bad_path);
  throttle();
  check_route();
}

/// Which secret is asked for is on record also when nobody was let through to it.
void Answer::note_secret() {
  if (match_.route == nullptr) return;
  const Action action = match_.route->action;
  if (action == Action::get_secret || action == Action::update_secret ||
      action == Action::delete_secret)
    record_.secret_id = Uuid::parse(match_.parameter);
}

void Answer::throttle() {
  const Route* const route = match_.route;
  // Whoever watches over the host must get an answer, whatever others behind the same address do.
  if (route != nullptr && (route->action == Action::health || route->action == Action::ready))
    return;
  const core::HttpLimits& limits = generation_->limits();
  std::chrono::seconds wait{};
  if (principal_ != nullptr) {
    const auto& id = principal_->id.bytes;
    wait = shared_.principals.take({reinterpret_cast<const char*>(id.data()), id.size()},
                                   static_cast<std::uint64_t>(limits.requests_per_second), start_);
  } else {
    wait = shared_.strangers.take(exchange_.peer().network,
                                  static_cast<std::uint64_t>(limits.strangers_per_second), start_);
  }
  if (wait.count() == 0) return;
  shared_.metrics.throttled(principal_ != nullptr);
  Refusal refusal(429, ErrorCode::resource_exhausted,
                  principal_ != nullptr ? "this principal asks too often; wait before the next"
                                        : "there are too many requests from this network without "
                                          "a principal; wait before the next");
  refusal.retry_after = wait;
  throw refusal;
}

void Answer::check_route() const {
  if (match_.route == nullptr && match_.allow.empty())
    throw Refusal(404, ErrorCode::not_found, "there is nothing at this path; see /openapi.json");
  if (match_.route == nullptr) {
    Refusal refusal(405, ErrorCode::invalid_argument,
                    "this path does not have this method; it has " + match_.allow);
    refusal.allow = match_.allow;
    throw refusal;
  }
  if (match_.route->access == Access::open) return;
  // In one wording, whatever was shown: none, a wrong one, an expired one.
  if (principal_ == nullptr) {
    say_unknown_certificate();
    throw Error(ErrorCode::unauthenticated,
                "who asks? Send a token that this host knows: Authorization: Bearer TOKEN");
  }
  if (match_.route->access == Access::admin && !is_admin())
    throw Error(ErrorCode::permission_denied, "this needs the role admin in every workspace");
  if (!match_.route->body.empty()) check_content_type();
}

/// The authority of `client_ca` vouches for it, so the configuration is short of a principal, or
/// names it otherwise. The rate of strangers bounds how often this is said.
void Answer::say_unknown_certificate() const {
  const auto& certificate = exchange_.peer().certificate;
  if (!certificate || !exchange_.request().authorization.empty()) return;
  shared_.parts.say("request " + exchange_.request().id + " of " + exchange_.peer().address +
                    ": no principal has the certificate " +
                    core::in_quotes(*certificate, kSubjectBytesMax));
}

void Answer::check_content_type() const {
  const auto& type = exchange_.request().content_type;
  if (type && !is_json_type(*type))
    throw Refusal(415, ErrorCode::invalid_argument,
                  "the body's Content-Type is not application/json in UTF-8");
}

bool Answer::is_admin() const {
  for (const core::Workspace& workspace : generation_->directory().workspaces()) {
    if (!principal_->may(core::Role::admin, workspace.id)) return false;
  }
  return true;
}

bool Answer::runs_here() {
  switch (match_.route->place) {
    case Place::here:
      return true;
    case Place::here_if_local:
      return generation_->store_is_local();
    case Place::pool:
      return false;
    case Place::ready:
      break;
  }
  asks_store_ = shared_.readiness.begin(generation_, start_);
  return !asks_store_;
}

void Answer::run() noexcept {
  attempt([this] {
    if (match_.route->access == Access::open) return answer_open();
    RouteCall call{exchange_,   *generation_, *match_.route, match_.parameter,
                   *principal_, record_,      write_};
    if (match_.route->action <= Action::delete_secret)
      answer_secret(call);
    else
      answer_host(call);
  });
  complete();
}

void Answer::answer_open() {
  http::Reply& reply = exchange_.reply();
  switch (match_.route->action) {
    case Action::health:
      return reply.body.append("\"OK\"");
    case Action::ready:
      return answer_ready();
    case Action::openapi:
      return reply.body.append(shared_.openapi);
    default:
      reply.content_type = kMetricsType;
      return reply.body.append(shared_.metrics.text());
  }
}

void Answer::answer_ready() {
  if (asks_store_) shared_.readiness.ask(generation_);
  std::vector<std::string> reasons;
  if (shared_.stopping) reasons.emplace_back("the host stops");
  if (shared_.parts.audit != nullptr && shared_.parts.audit->problem())
    reasons.emplace_back(unaudited().message());
  const auto store = shared_.readiness.problem(generation_, Readiness::Clock::now());
  if (store) reasons.push_back(*store);
  http::Reply& reply = exchange_.reply();
  if (reasons.empty()) return reply.body.append("{\"status\":\"ready\"}");
  set_error(reply, Error(ErrorCode::unavailable, "the host cannot serve now: " + reasons.front()),
            exchange_.request().id, [&](JsonWriter& out) {
              out.member("status").raw("\"not ready\"").member("reasons").raw("[");
              for (const std::string& reason : reasons) out.item().text(reason);
              out.raw("]");
            });
}

bool Answer::is_audited() const {
  return match_.route == nullptr || !match_.route->audited_as.empty();
}

/// The reply is there. Gives this object away.
void Answer::complete() noexcept {
  core::AuditLog* const audit = shared_.parts.audit;
  if (audit == nullptr || !is_audited()) return finish();
  record_.time = shared_.parts.clock();
  if (record_.action.empty())
    record_.action = match_.route != nullptr ? match_.route->audited_as
                     : path_                 ? "request.unknown"
                                             : "request.malformed";
  record_.status = exchange_.reply().status;
  if (record_.result.empty()) record_.result = "ok";
  try {
    record_.request_id = exchange_.request().id;
    record_.peer = exchange_.peer().address;
    if (principal_ != nullptr) record_.principal = principal_->name;
    return audit->append(std::move(record_), *this);
  } catch (const std::exception&) {  // The log has not taken it.
  }
  fail_unaudited();
  finish();
}

void Answer::audited(bool durable) noexcept {
  if (!durable) fail_unaudited();
  finish();
}

/// Nothing that was asked for may be told, and a write that may have been made is not undone.
void Answer::fail_unaudited() noexcept {
  if (is_unknown_) write_ = Write::made;
  fail(unaudited());
}

void Answer::finish() noexcept {
  const std::unique_ptr<Answer> self(this);
  http::Exchange& exchange = exchange_;
  shared_.metrics.answered(match_.route, exchange.request().method, exchange.reply().status,
                           Readiness::Clock::now() - start_);
  exchange.finish();
}

}  // namespace kist::api
