// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/value.hpp>

#include "stream.hpp"

namespace kist::testing {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// A reply, as it came.
struct Answer {
  int status = 0;
  Headers headers;
  std::string body;

  /// Nothing: there is no such header. Case does not count in `name`.
  std::optional<std::string> header(std::string_view name) const;
  std::size_t count(std::string_view name) const;
  bool closes() const;
  boost::json::value json() const;
  /// The `code` of an error; empty: the body is none.
  std::string code() const;
  /// `detail[1]` of an error.
  std::string message() const;
};

/// The bytes of a request: what is not said is left out, but for Host and, with a body, its length.
struct Ask {
  std::string method = "GET";
  std::string path;
  std::string body = {};
  Headers headers = {};
  std::string token = {};

  std::string bytes() const;
};

/// One connection to a server, on which anything can be said. Errors: NoAnswer.
class Connection {
 public:
  explicit Connection(std::unique_ptr<Stream> stream) : stream_(std::move(stream)) {}

  void send(std::string_view bytes);
  /// False: the server takes no more.
  bool try_send(std::string_view bytes, std::chrono::milliseconds patience = kPatience);
  /// One byte at a time, each in a packet of its own.
  void dribble(std::string_view bytes);
  /// Says that nothing more will come, and goes on reading.
  void end_sending();

  /// The next reply. `is_head`: it has no body, whatever its length says.
  Answer answer(bool is_head = false);
  Answer ask(const Ask& ask);
  /// Whether the server has closed, or does within its patience, without another byte.
  bool closes();
  /// True: nothing has come and nothing comes in that time, and the connection is open.
  bool stays_silent(std::chrono::milliseconds time);
  /// Whether the server ends the connection in time, without anything being read.
  bool breaks_off();
  /// All that comes before the server closes.
  std::string rest();

  Stream& stream() { return *stream_; }

 private:
  bool receive_more();
  std::string take_line();

  std::unique_ptr<Stream> stream_;
  std::string received_;
};

}  // namespace kist::testing
