// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_set>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "http/connection.hpp"
#include "http/listener.hpp"
#include "http/reply_head.hpp"
#include "http/worker_pool.hpp"

namespace kist::http {

/// What the threads of a server have in common.
struct Shared {
  Shared(Handler& handler_of_all, Server::Settings& settings);

  /// "1a2b3c4d-00000000002a": no other request of this or another process has it.
  std::string new_request_id();
  std::shared_ptr<const Terms> terms() const;
  void set_terms(Terms terms);
  /// Says why, unless `reason` is empty, but no more than once a second: anybody can fail.
  void count_failed_handshake(std::string_view peer, std::string_view reason);

  Handler& handler;
  std::function<void(std::string_view)> say;
  WorkerPool pool;
  std::atomic<bool> stops{false};
  std::atomic<std::uint64_t> connections{0}, accepted{0}, refused{0}, handshakes{0},
      failed_handshakes{0}, timeouts{0}, disconnects{0};

 private:
  const std::string id_prefix_;
  std::atomic<std::uint64_t> next_id_{1};
  mutable std::mutex mutex_;
  std::shared_ptr<const Terms> terms_;  // Guarded by mutex_, as what follows.
  std::chrono::steady_clock::time_point says_failure_from_{};  // Before that, failures are counted.
  std::uint64_t unsaid_failures_ = 0;
};

/// One thread of a server, with connections of its own.
class IoThread {
 public:
  /// Both outlive it.
  IoThread(Shared& shared, const std::vector<Listener>& listeners, std::size_t number);
  ~IoThread();

  void start();
  // From any thread:
  void stop_accepting();
  void wind_down();
  void abort();
  /// Ends the thread, whatever it still has.
  void end();
  std::size_t answering() const { return answering_.load(); }

  // For its connections:
  Shared& shared() { return shared_; }
  boost::asio::io_context& context() { return context_; }
  bool is_current() const { return std::this_thread::get_id() == thread_.get_id(); }
  /// From any thread: `connection` has a reply, and is resumed on this one.
  void finished(Connection& connection);
  void remove(const std::shared_ptr<Connection>& connection);
  /// The one buffer that all of them read into. Its content lasts until the next read.
  detail::SecretBuffer& read_buffer() {
    worked_ = true;
    return read_buffer_;
  }
  std::string_view date();
  void count_answering(int change) { answering_.fetch_add(static_cast<std::size_t>(change)); }

 private:
  struct Acceptor {
    Acceptor(boost::asio::io_context& context, const Listener& listener, int descriptor);
    boost::asio::posix::stream_descriptor socket;
    const Listener& listener;
  };

  void run();
  void wait_to_accept(Acceptor& acceptor);
  void accept(Acceptor& acceptor);
  void take(int descriptor, bool is_unix);
  void pause_accepting(Acceptor& acceptor, int error);
  void resume_finished();
  void wait_for_tick();
  void tick();

  Shared& shared_;
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::steady_timer ticker_;
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  std::unordered_set<std::shared_ptr<Connection>> connections_;
  bool ticks_ = false, worked_ = false;
  detail::SecretBuffer read_buffer_;
  DateHeader date_;
  std::atomic<std::size_t> answering_{0};
  std::mutex mutex_;
  std::vector<Connection*> finished_;  // Guarded by mutex_.
  std::vector<Connection*> resuming_;
  std::thread thread_;
};

}  // namespace kist::http
