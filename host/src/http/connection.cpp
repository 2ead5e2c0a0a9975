// SPDX-License-Identifier: Apache-2.0
#include "http/connection.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <utility>

#include <boost/asio/post.hpp>

#include "http/io_thread.hpp"
#include "http/reply_head.hpp"

namespace kist::http {
namespace {

/// What a client that was refused may still send before the connection is closed: until then its
/// system would drop the refusal unread.
constexpr std::size_t kLingerBytesMax = std::size_t{1} << 20;
constexpr std::int64_t kLingerMs = 2'000;
/// How long a request that has begun to come may still take when the server stops.
constexpr std::int64_t kLastWordsMs = 500;
/// Then others have their turn.
constexpr int kRequestsInTurn = 32;
constexpr std::size_t kHeadBytes = 512;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

bool peer_has_gone(int descriptor) {
  pollfd state{descriptor, POLLRDHUP, 0};
  return ::poll(&state, 1, 0) == 1;
}

}  // namespace

Connection::Connection(IoThread& thread, int descriptor, Peer peer,
                       std::shared_ptr<const Terms> terms, bool tls)
    : thread_(thread),
      terms_(std::move(terms)),
      socket_(thread.context(), descriptor),
      transport_(tls ? tls_transport(descriptor, terms_->tls) : plain_transport(descriptor)),
      peer_(std::move(peer)),
      reader_(terms_->limits) {}

Connection::~Connection() = default;

void Connection::start() {
  set_deadline(terms_->limits.receive_time_ms);
  advance();
}

void Connection::start_refused() {
  refusal_ = {503, "there are more connections than this server takes"};
  start();
}

void Connection::advance() {
  try {
    take_steps();
  } catch (const std::bad_alloc&) {
    // What this client sends or gets does not fit; others may still be served.
    thread_.shared().say("a connection was closed: there is not enough memory");
    close();
  }
}

void Connection::take_steps() {
  was_busy_ = true;
  int requests = 0;
  while (true) {
    Progress progress = Progress::goes_on;
    switch (stage_) {
      case Stage::handshake:
        progress = shake_hands();
        break;
      case Stage::reading:
        if (++requests > kRequestsInTurn) {
          boost::asio::post(thread_.context(), [self = shared_from_this()] { self->advance(); });
          return;
        }
        progress = read();
        break;
      case Stage::sending:
        progress = send();
        break;
      case Stage::lingering:
        progress = linger();
        break;
      case Stage::answering:
        if (!finished_) return;
        begin_reply();
        break;
      case Stage::closed:
        return;
    }
    if (progress == Progress::waits) return;
  }
}

Connection::Progress Connection::shake_hands() {
  const Transport::Outcome outcome = transport_->shake_hands();
  if (outcome == Transport::Outcome::plain_http) {
    answer_plain_http();
    return Progress::goes_on;
  }
  if (outcome == Transport::Outcome::closed)
    thread_.shared().count_failed_handshake(peer_.address, transport_->handshake_failure());
  if (outcome != Transport::Outcome::done) return wait_for(outcome);
  if (terms_->tls != nullptr && !peer_.uid) ++thread_.shared().handshakes;
  peer_.certificate = transport_->peer_certificate();
  stage_ = Stage::reading;
  if (refusal_) {
    answer();
    return Progress::goes_on;
  }
  return transport_->has_buffered() ? Progress::goes_on : wait_to_read();
}

/// In clear, since the client would understand nothing else. What it has sent is not read: a token
/// that went over the network so must not work.
void Connection::answer_plain_http() {
  thread_.shared().count_failed_handshake(peer_.address, "it speaks HTTP without TLS");
  transport_ = plain_transport(socket_.native_handle());
  refusal_ = {400, "this port speaks TLS, and the request came without it; ask https://"};
  answer();
}

Connection::Progress Connection::read() {
  if (unread_.size() != 0) {
    const std::size_t taken = reader_.feed({unread_.data(), unread_.size()});
    detail::SecretBuffer rest;
    rest.append({unread_.data() + taken, unread_.size() - taken});
    unread_ = std::move(rest);
  }
  using State = RequestReader::State;
  if (reader_.state() == State::complete || reader_.state() == State::refused) {
    answer();
    return Progress::goes_on;
  }
  if (reader_.state() == State::wants_continue) return send_continue();
  return read_more();
}

Connection::Progress Connection::read_more() {
  const bool began = reader_.state() == RequestReader::State::nothing;
  detail::SecretBuffer& buffer = thread_.read_buffer();
  const Transport::Result result = transport_->read(buffer.data(), buffer.size());
  if (result.outcome != Transport::Outcome::done) return wait_for(result.outcome);
  if (began) set_deadline(terms_->limits.receive_time_ms);
  const std::string_view bytes(buffer.data(), result.bytes);
  const std::size_t taken = reader_.feed(bytes);
  unread_.append(bytes.substr(taken));
  return Progress::goes_on;
}

/// These few bytes fit into the buffer of any socket that a client reads from at all.
Connection::Progress Connection::send_continue() {
  const Transport::Result result = transport_->write(kContinue);
  if (result.outcome != Transport::Outcome::done || result.bytes != kContinue.size()) {
    close();
    return Progress::waits;
  }
  reader_.continued();
  return Progress::goes_on;
}

void Connection::answer() {
  Shared& shared = thread_.shared();
  stage_ = Stage::answering;
  deadline_ = Clock::time_point::max();
  reader_.request().id = shared.new_request_id();
  reply_ = {};
  finished_ = false;
  closes_ = false;
  call_.emplace(std::chrono::milliseconds(terms_->limits.request_time_ms));
  thread_.count_answering(1);
  in_handler_ = true;
  if (refusal_ || reader_.state() != RequestReader::State::complete) {
    const Refusal& refusal = refusal_ ? *refusal_ : reader_.refusal();
    shared.handler.refuse(*this, refusal.status, refusal.message);
    closes_ = true;
  } else {
    closes_ = !reader_.keeps_alive();
    shared.handler.handle(*this);
  }
  in_handler_ = false;
}

bool Connection::run_in_pool(std::function<void()> work) {
  return thread_.shared().pool.run(std::move(work));
}

void Connection::finish() {
  if (thread_.is_current() && in_handler_)
    finished_ = true;
  else
    thread_.finished(*this);
}

void Connection::resume() {
  finished_ = true;
  advance();
}

void Connection::begin_reply() {
  thread_.count_answering(-1);
  closes_ = closes_ || reply_.close || thread_.shared().stops.load(std::memory_order_relaxed);
  out_ = {};
  out_.reserve(kHeadBytes + reply_.body.size());
  append_reply_head(out_, reply_, reader_.request().id, thread_.date(), closes_);
  if (reader_.request().method != Method::head)
    out_.append({reply_.body.data(), reply_.body.size()});
  reply_.body = {};
  reader_.reset();
  sent_ = 0;
  stage_ = Stage::sending;
  set_deadline(terms_->limits.send_time_ms);
}

Connection::Progress Connection::send() {
  while (sent_ < out_.size()) {
    const Transport::Result result = transport_->write({out_.data() + sent_, out_.size() - sent_});
    if (result.outcome != Transport::Outcome::done) return wait_for(result.outcome);
    sent_ += result.bytes;
    set_deadline(terms_->limits.send_time_ms);
  }
  return end_reply();
}

Connection::Progress Connection::end_reply() {
  out_ = {};
  if (closes_) {
    begin_lingering();
    return Progress::goes_on;
  }
  stage_ = Stage::reading;
  set_deadline(terms_->limits.idle_time_ms);
  if (unread_.size() != 0 || transport_->has_buffered()) return Progress::goes_on;
  // A look before the wait would nearly always find nothing.
  return wait_to_read();
}

void Connection::begin_lingering() {
  transport_->say_goodbye();
  ::shutdown(socket_.native_handle(), SHUT_WR);
  unread_ = {};
  discarded_ = 0;
  stage_ = Stage::lingering;
  set_deadline(kLingerMs);
}

Connection::Progress Connection::linger() {
  detail::SecretBuffer& buffer = thread_.read_buffer();
  while (discarded_ < kLingerBytesMax) {
    const ssize_t count =
        ::recv(socket_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return wait_to_read();
    if (count <= 0) break;
    discarded_ += static_cast<std::size_t>(count);
  }
  close();
  return Progress::waits;
}

void Connection::close() {
  if (stage_ == Stage::closed) return;
  transport_->say_goodbye();
  stage_ = Stage::closed;
  boost::system::error_code ignored;
  socket_.close(ignored);
  thread_.remove(shared_from_this());
}

Connection::Progress Connection::wait_for(Transport::Outcome outcome) {
  if (outcome == Transport::Outcome::wants_read) return wait_to_read();
  if (outcome == Transport::Outcome::wants_write) return wait_to_write();
  close();
  return Progress::waits;
}

Connection::Progress Connection::wait_to_read() {
  if (!std::exchange(waits_to_read_, true)) {
    socket_.async_wait(socket_.wait_read,
                       [self = shared_from_this()](const boost::system::error_code& error) {
                         self->waits_to_read_ = false;
                         if (!error) self->advance();
                       });
  }
  return Progress::waits;
}

Connection::Progress Connection::wait_to_write() {
  if (!std::exchange(waits_to_write_, true)) {
    socket_.async_wait(socket_.wait_write,
                       [self = shared_from_this()](const boost::system::error_code& error) {
                         self->waits_to_write_ = false;
                         if (!error) self->advance();
                       });
  }
  return Progress::waits;
}

void Connection::set_deadline(std::int64_t from_now_ms) {
  deadline_ = Clock::now() + std::chrono::milliseconds(from_now_ms);
}

bool Connection::is_idle() const {
  return stage_ == Stage::reading && reader_.state() == RequestReader::State::nothing;
}

void Connection::rest_if_idle() noexcept {
  if (!std::exchange(was_busy_, false) && is_idle()) transport_->rest();
}

bool Connection::is_overdue(Clock::time_point now) {
  if (stage_ != Stage::answering) return now >= deadline_;
  return !call_->is_cancelled() && peer_has_gone(socket_.native_handle());
}

void Connection::time_out() {
  if (stage_ == Stage::answering) {
    ++thread_.shared().disconnects;
    return call_->cancel();
  }
  const RequestReader::State state = reader_.state();
  const bool has_begun = stage_ == Stage::reading && state != RequestReader::State::nothing;
  if (has_begun || stage_ == Stage::handshake || stage_ == Stage::sending)
    ++thread_.shared().timeouts;
  if (!has_begun) return close();
  reader_.give_up();
  answer();
  advance();
}

void Connection::wind_down() {
  if (stage_ == Stage::handshake || is_idle()) return close();
  const auto latest = Clock::now() + std::chrono::milliseconds(kLastWordsMs);
  if (stage_ == Stage::reading) deadline_ = std::min(deadline_, latest);
}

void Connection::abort() {
  if (stage_ == Stage::answering)
    call_->cancel();
  else
    close();
}

}  // namespace kist::http
