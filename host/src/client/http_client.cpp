// SPDX-License-Identifier: Apache-2.0
#include "client/http_client.hpp"

#include <algorithm>
#include <utility>

#include "client/connect.hpp"

namespace kist::client {
namespace {

constexpr std::size_t kReadBytes = std::size_t{16} << 10;
/// The server answers 431 to headers of 16 KiB.
constexpr std::size_t kTokenBytesMax = 8192;

/// Anything else could end the header, and begin one of its own (RFC 6750, b64token, and a bit
/// more).
void check_token(std::string_view token) {
  const bool is_token = token.size() <= kTokenBytesMax &&
                        std::ranges::all_of(token, [](char c) { return c > ' ' && c < 0x7F; });
  if (!is_token)
    throw Error(ErrorCode::invalid_argument,
                "the token is none: it holds a blank, a control character or what is not ASCII, or "
                "is longer than " +
                    std::to_string(kTokenBytesMax) + " bytes");
}

}  // namespace

/// How far a request got.
struct HttpClient::Progress {
  bool sent = false;   // All of it is on its way.
  bool began = false;  // A byte of the reply has come.
};

HttpClient::HttpClient(ServerSettings settings) : settings_(std::move(settings)) {
  check_token(settings_.token.reveal());
  if (settings_.address.kind == ServerAddress::Kind::https)
    tls_ = std::make_unique<TlsClient>(settings_.tls);
}

HttpReply HttpClient::exchange(Call& call, const HttpRequest& request) {
  for (bool again = false;; again = true) {
    Progress progress;
    try {
      return attempt(call, request, progress);
    } catch (const Error& error) {
      transport_.reset();
      const bool is_lost = dynamic_cast<const ConnectionLost*>(&error) != nullptr;
      if (is_lost && !again && !progress.began && (request.repeatable || !progress.sent)) continue;
      // A server that does not know us has done nothing.
      const bool refused = error.code == ErrorCode::unauthenticated;
      if (!request.writes || !progress.sent || refused) throw;
      throw Error(
          ErrorCode::indeterminate,
          "it is unknown whether " + address().named() +
              " did what was asked, for its reply did not come: " + std::string(error.message()));
    }
  }
}

void HttpClient::connect(Call& call) {
  if (transport_ && !transport_->is_stale()) return;
  transport_.reset();
  core::FileDescriptor socket = connect_to(call, settings_.address, settings_.plain_anywhere);
  transport_ = tls_ ? tls_->connect(call, std::move(socket), settings_.address)
                    : plain_transport(std::move(socket), settings_.address.named());
}

HttpReply HttpClient::attempt(Call& call, const HttpRequest& request, Progress& progress) {
  connect(call);
  try {
    transport_->write(call, bytes_of(request).reveal());
    progress.sent = true;
  } catch (const ConnectionLost&) {
    // A server that refuses a request need not read all of it before it says so.
    if (HttpReply reply = read_reply(call, progress); reply.status >= 400) return reply;
    throw;
  }
  return read_reply(call, progress);
}

HttpReply HttpClient::read_reply(Call& call, Progress& progress) {
  ReplyParser parser;
  detail::SecretBuffer bytes;
  while (!parser.is_done()) {
    const std::size_t kept = bytes.size();
    const std::size_t count = transport_->read(call, bytes.extend(kReadBytes), kReadBytes);
    bytes.truncate(kept + count);
    if (count == 0 && !progress.began)
      throw ConnectionLost(address().named() + " closed the connection without a reply");
    progress.began = true;
    if (count == 0) {
      parser.put_end();
      break;
    }
    const std::size_t taken = parser.put({bytes.data(), bytes.size()});
    std::copy(bytes.data() + taken, bytes.data() + bytes.size(), bytes.data());
    bytes.truncate(bytes.size() - taken);
  }
  HttpReply reply = parser.take();
  // What stands behind a reply that nobody asked for is not the reply to what is asked next.
  if (!reply.keep_alive || bytes.size() != 0) transport_.reset();
  return reply;
}

SecretValue HttpClient::bytes_of(const HttpRequest& request) const {
  detail::SecretBuffer bytes;
  const auto add = [&](std::string_view text) { bytes.append(text); };
  add(request.method);
  add(" ");
  add(request.target);
  add(" HTTP/1.1\r\nHost: ");
  add(settings_.address.authority());
  add("\r\nUser-Agent: kist\r\nAccept: application/json\r\n");
  if (!settings_.token.empty()) {
    add("Authorization: Bearer ");
    add(settings_.token.reveal());
    add("\r\n");
  }
  if (request.if_match) add("If-Match: \"" + std::to_string(*request.if_match) + "\"\r\n");
  if (request.body.size() != 0 || request.method != "GET")
    add("Content-Type: application/json\r\nContent-Length: " + std::to_string(request.body.size()) +
        "\r\n");
  add("\r\n");
  add({request.body.data(), request.body.size()});
  return SecretValue(std::move(bytes));
}

}  // namespace kist::client
