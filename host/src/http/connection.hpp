// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/posix/stream_descriptor.hpp>

#include "http/exchange.hpp"
#include "http/request_reader.hpp"
#include "http/server.hpp"
#include "http/transport.hpp"
#include "loader/host_call.hpp"

namespace kist::http {

class IoThread;

/// One client: reads its requests one after the other, has each answered, and sends the replies in
/// their order. It belongs to one thread; a request that is answered on another comes back by
/// IoThread::finished().
class Connection final : public Exchange, public std::enable_shared_from_this<Connection> {
 public:
  using Clock = std::chrono::steady_clock;

  /// Takes the descriptor. `tls`: it begins with a handshake.
  Connection(IoThread& thread, int descriptor, Peer peer, std::shared_ptr<const Terms> terms,
             bool tls);
  ~Connection();

  void start();
  /// There are too many connections: says so, and ends.
  void start_refused();

  /// Lets go of memory if nothing has come since the last time. Called a few times a second.
  void rest_if_idle() noexcept;
  /// Something takes too long, or nobody waits any more for what is being answered. Asked a few
  /// times a second.
  bool is_overdue(Clock::time_point now);
  /// Ends or cancels what is_overdue().
  void time_out();
  /// The reply of finish() is there.
  void resume();
  /// The server stops: ends if nothing is being answered, or as good as there.
  void wind_down();
  /// Cancels what is being answered, and ends all else.
  void abort();

  const Request& request() const override { return reader_.request(); }
  const Peer& peer() const override { return peer_; }
  Reply& reply() override { return reply_; }
  Call& call() override { return *call_; }
  bool run_in_pool(std::function<void()> work) override;
  void finish() override;

 private:
  enum class Stage { handshake, reading, answering, sending, lingering, closed };
  enum class Progress { goes_on, waits };

  void advance();
  void take_steps();
  Progress shake_hands();
  void answer_plain_http();
  Progress read();
  Progress read_more();
  Progress send();
  Progress linger();
  Progress send_continue();
  void answer();
  void begin_reply();
  bool is_idle() const;
  Progress end_reply();
  void begin_lingering();
  void close();

  Progress wait_to_read();
  Progress wait_to_write();
  Progress wait_for(Transport::Outcome outcome);
  void set_deadline(std::int64_t from_now_ms);

  IoThread& thread_;
  const std::shared_ptr<const Terms> terms_;
  boost::asio::posix::stream_descriptor socket_;
  std::unique_ptr<Transport> transport_;
  Peer peer_;
  Stage stage_ = Stage::handshake;
  bool waits_to_read_ = false, waits_to_write_ = false;
  bool in_handler_ = false;  // Its finish() is seen when it returns.
  bool finished_ = false;
  std::optional<Refusal> refusal_;  // Of this connection, whatever it asks.
  bool closes_ = false;             // Behind the reply.
  bool was_busy_ = true;            // Since the last look of rest_if_idle().
  Clock::time_point deadline_;

  RequestReader reader_;
  detail::SecretBuffer unread_;  // Bytes of requests to come.
  std::optional<core::HostCall> call_;
  Reply reply_;
  detail::SecretBuffer out_;
  std::size_t sent_ = 0, discarded_ = 0;
};

}  // namespace kist::http
