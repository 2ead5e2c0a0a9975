// SPDX-License-Identifier: Apache-2.0
#include "http/io_thread.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <ctime>
#include <system_error>
#include <utility>

#include <boost/asio/post.hpp>

#include <kist/error.hpp>

#include "memory/dead_stack.hpp"
#include "sealing/random_bytes.hpp"
#include "text/hex.hpp"

namespace kist::http {
namespace {

constexpr std::size_t kReadBytes = std::size_t{32} << 10;
constexpr std::chrono::milliseconds kTick{100};
constexpr int kAcceptsInTurn = 16;
constexpr std::chrono::seconds kBetweenFailures{1};
/// Those beyond the limit that are told so at once; more are closed without a word.
constexpr std::uint64_t kRefusalsMax = 64;

std::string new_id_prefix() {
  std::string bytes(4, '\0');
  core::fill_with_random_bytes(bytes.data(), bytes.size());
  return core::to_hex(bytes) + "-";
}

}  // namespace

IoThread::Acceptor::Acceptor(boost::asio::io_context& context, const Listener& of, int descriptor)
    : socket(context, ::dup(descriptor)), listener(of) {}

IoThread::IoThread(Shared& shared, const std::vector<Listener>& listeners, std::size_t number)
    : shared_(shared), work_(context_.get_executor()), ticker_(context_) {
  read_buffer_.extend(kReadBytes);
  for (const Listener& listener : listeners)
    acceptors_.push_back(
        std::make_unique<Acceptor>(context_, listener, listener.descriptor(number)));
}

IoThread::~IoThread() { end(); }

void IoThread::start() {
  for (const auto& acceptor : acceptors_) wait_to_accept(*acceptor);
  thread_ = std::thread([this] { run(); });
}

void IoThread::run() {
  context_.run();
  connections_.clear();
  core::wipe_dead_stack();
}

void IoThread::stop_accepting() {
  boost::asio::post(context_, [this] {
    for (const auto& acceptor : acceptors_) {
      boost::system::error_code ignored;
      // Its listener has the socket too: without this, clients would wait for an answer.
      ::shutdown(acceptor->socket.native_handle(), SHUT_RDWR);
      acceptor->socket.close(ignored);
    }
  });
}

void IoThread::wind_down() {
  boost::asio::post(context_, [this] {
    for (const auto& connection : std::vector(connections_.begin(), connections_.end()))
      connection->wind_down();
  });
}

void IoThread::abort() {
  boost::asio::post(context_, [this] {
    for (const auto& connection : std::vector(connections_.begin(), connections_.end()))
      connection->abort();
  });
}

void IoThread::end() {
  if (!thread_.joinable()) return;
  context_.stop();
  thread_.join();
}

void IoThread::wait_to_accept(Acceptor& acceptor) {
  acceptor.socket.async_wait(acceptor.socket.wait_read,
                             [this, &acceptor](const boost::system::error_code& error) {
                               if (!error) accept(acceptor);
                             });
}

void IoThread::accept(Acceptor& acceptor) {
  for (int i = 0; i < kAcceptsInTurn; ++i) {
    const int descriptor = accept_from(acceptor.socket.native_handle());
    if (descriptor == -EAGAIN || descriptor == -EWOULDBLOCK) break;
    if (descriptor < 0) return pause_accepting(acceptor, -descriptor);
    take(descriptor, acceptor.listener.address().is_unix());
  }
  wait_to_accept(acceptor);
}

/// The process has no descriptor left, say: those who wait are still there when it has.
void IoThread::pause_accepting(Acceptor& acceptor, int error) {
  shared_.say("cannot accept connections at " + acceptor.listener.address().text() + ": " +
              std::generic_category().message(error));
  auto pause = std::make_shared<boost::asio::steady_timer>(context_, kTick);
  pause->async_wait([this, &acceptor, pause](const boost::system::error_code& failure) {
    if (!failure && acceptor.socket.is_open()) accept(acceptor);
  });
}

void IoThread::take(int descriptor, bool is_unix) {
  ++shared_.accepted;
  const std::shared_ptr<const Terms> terms = shared_.terms();
  const auto limit = static_cast<std::uint64_t>(terms->limits.connections);
  const std::uint64_t open = ++shared_.connections;
  if (open > limit) ++shared_.refused;
  if (open > limit + kRefusalsMax) {
    --shared_.connections;
    ::close(descriptor);
    return;
  }
  std::shared_ptr<Connection> connection;
  try {
    connection = std::make_shared<Connection>(*this, descriptor, peer_of(descriptor, is_unix),
                                              terms, terms->tls != nullptr && !is_unix);
  } catch (const std::exception& error) {
    --shared_.connections;
    shared_.say(std::string("a connection was closed: ") + error.what());
    return;
  }
  connections_.insert(connection);
  if (!std::exchange(ticks_, true)) wait_for_tick();
  if (open > limit)
    connection->start_refused();
  else
    connection->start();
}

void IoThread::remove(const std::shared_ptr<Connection>& connection) {
  if (connections_.erase(connection) == 1) --shared_.connections;
}

void IoThread::finished(Connection& connection) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = finished_.empty();
    finished_.push_back(&connection);
  }
  if (first) boost::asio::post(context_, [this] { resume_finished(); });
}

void IoThread::resume_finished() {
  {
    const std::lock_guard lock(mutex_);
    resuming_.swap(finished_);
  }
  // None of them goes before it is resumed: it is being answered.
  for (Connection* const connection : resuming_) {
    const auto kept = connection->shared_from_this();
    kept->resume();
  }
  resuming_.clear();
}

std::string_view IoThread::date() { return date_.text(std::time(nullptr)); }

void IoThread::wait_for_tick() {
  ticker_.expires_after(kTick);
  ticker_.async_wait([this](const boost::system::error_code& error) {
    if (!error) tick();
  });
}

void IoThread::tick() {
  const auto now = Connection::Clock::now();
  std::vector<std::shared_ptr<Connection>> overdue;
  for (const auto& connection : connections_) {
    if (connection->is_overdue(now)) overdue.push_back(connection);
    connection->rest_if_idle();
  }
  for (const auto& connection : overdue) connection->time_out();
  if (std::exchange(worked_, false)) {
    wipe(read_buffer_.data(), read_buffer_.size());
    core::wipe_dead_stack();
  }
  ticks_ = !connections_.empty();
  if (ticks_) wait_for_tick();
}

Shared::Shared(Handler& handler_of_all, Server::Settings& settings)
    : handler(handler_of_all),
      say(std::move(settings.say)),
      pool(static_cast<std::size_t>(settings.terms.limits.store_threads),
           static_cast<std::size_t>(settings.terms.limits.requests_in_flight)),
      id_prefix_(new_id_prefix()),
      terms_(std::make_shared<const Terms>(std::move(settings.terms))) {}

std::string Shared::new_request_id() {
  constexpr char digits[] = "0123456789abcdef";
  std::string id = id_prefix_;
  const std::uint64_t number = next_id_.fetch_add(1, std::memory_order_relaxed);
  for (int shift = 44; shift >= 0; shift -= 4) id += digits[number >> shift & 15];
  return id;
}

std::shared_ptr<const Terms> Shared::terms() const {
  const std::lock_guard lock(mutex_);
  return terms_;
}

void Shared::count_failed_handshake(std::string_view peer, std::string_view reason) {
  ++failed_handshakes;
  if (reason.empty()) return;
  const auto now = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex_);
  if (now < says_failure_from_) {
    ++unsaid_failures_;
    return;
  }
  says_failure_from_ = now + kBetweenFailures;
  const std::uint64_t others = std::exchange(unsaid_failures_, 0);
  lock.unlock();
  std::string sentence = "a TLS handshake failed with " + std::string(peer) + ": ";
  sentence += reason;
  if (others > 0) sentence += "; so did " + std::to_string(others) + " before it, unsaid";
  say(sentence);
}

void Shared::set_terms(Terms terms) {
  auto next = std::make_shared<const Terms>(std::move(terms));
  const std::lock_guard lock(mutex_);
  terms_.swap(next);
}

}  // namespace kist::http
