// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <boost/json/object.hpp>

#include "../kist_process.hpp"
#include "connection.hpp"

namespace kist::testing {

/// A sanitizer keeps what is freed, and shadows the rest.
#if defined(KIST_TEST_SANITIZED)
inline constexpr bool kMeasuresMemory = false;
#else
inline constexpr bool kMeasuresMemory = true;
#endif

/// Raises the limit of this process, and of those that it starts, as far as the machine lets it.
/// Gives how many of the `wanted` connections it is enough for.
std::size_t raise_descriptor_limit(std::size_t wanted);

/// `kist serve` in a directory that has a kist.json. Its log is read all the time, so that it never
/// waits for us.
class ServerProcess {
 public:
  /// Comes back when it is ready. Errors: NoAnswer, with what it said.
  explicit ServerProcess(const Workplace& workplace, const Words& more = {});
  /// Kills it, if it has not ended.
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  pid_t id() const { return child_; }
  /// Of its first listener on TCP.
  std::uint16_t port() const;
  const std::vector<std::string>& addresses() const { return addresses_; }

  void send(int signal) const;
  /// The next line of its log with this message, behind the one that was waited for before.
  boost::json::object wait_for(std::string_view message);
  /// Of the next line with either message, which it was.
  std::string wait_for_one_of(std::string_view one, std::string_view other);
  /// Waits for its end; negative: the signal that ended it.
  int wait_for_end();
  /// SIGTERM, and the end.
  int stop();
  bool has_ended();

  /// What it has logged so far; all of it, after its end.
  std::string log() const;
  std::size_t rss_bytes() const;
  std::size_t descriptors() const;
  std::size_t threads() const;
  void limit(__rlimit_resource resource, rlim_t value) const;

  Connection connect(const TcpOptions& options = {}) const {
    return Connection(connect_tcp(port(), options));
  }

 private:
  boost::json::object next_line();
  void read_log(core::FileDescriptor pipe);

  pid_t child_ = -1;
  bool has_ended_ = false;
  int end_ = 0;
  std::vector<std::string> addresses_;
  std::size_t next_ = 0;  ///< Where the log goes on that nobody has waited for yet.

  mutable std::mutex mutex_;
  std::condition_variable has_more_;
  std::string log_;         ///< Guarded by mutex_.
  bool log_ended_ = false;  ///< Guarded by mutex_.
  std::thread reader_;
};

}  // namespace kist::testing
