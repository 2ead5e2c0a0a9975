// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace kist::http {

class TlsContext;

/// How the bytes of one connection come and go over a socket that does not block. Says what to wait
/// for, and never waits. Borrows the descriptor. Not for several threads.
class Transport {
 public:
  enum class Outcome {
    done,
    wants_read,   ///< Try again when the socket is readable.
    wants_write,  ///< Try again when it is writable.
    closed,       ///< The peer has ended it, in order or not.
    plain_http,   ///< Of a handshake: the peer has sent a request instead.
  };
  struct Result {
    Outcome outcome = Outcome::done;
    std::size_t bytes = 0;  ///< When done: how many, at least one.
  };

  virtual ~Transport() = default;

  /// Comes before all else, until it is done.
  virtual Outcome shake_hands() = 0;
  /// Why the handshake has failed, for the operator; empty: the peer went without a word.
  virtual std::string handshake_failure() const { return {}; }
  virtual Result read(char* bytes, std::size_t size) = 0;
  virtual Result write(std::string_view bytes) = 0;
  /// Bytes have been read from the socket that read() has not given yet: a wait for the socket
  /// would not end for them.
  virtual bool has_buffered() const { return false; }
  /// Nothing has come for a while: lets go of memory that the next bytes can have anew.
  virtual void rest() noexcept {}
  /// Tells the peer that nothing more comes, if that can be done at once.
  virtual void say_goodbye() noexcept = 0;
  /// The subject of the peer's certificate, which has been verified.
  virtual std::optional<std::string> peer_certificate() const { return std::nullopt; }
};

std::unique_ptr<Transport> plain_transport(int descriptor);

/// Errors: resource_exhausted.
std::unique_ptr<Transport> tls_transport(int descriptor, std::shared_ptr<const TlsContext> context);

}  // namespace kist::http
