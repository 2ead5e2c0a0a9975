// SPDX-License-Identifier: Apache-2.0
#include "http/request_reader.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

namespace kist::http {
namespace {

namespace beast = boost::beast;

/// What chunk sizes, their extensions and line ends may add to a body: of honest clients it is a
/// few bytes in thousands.
constexpr std::size_t kFramingBytesMax = std::size_t{16} << 10;

constexpr std::string_view kHeaderEnd = "\r\n\r\n";
constexpr std::size_t kLastChunkBytes = std::string_view("0\r\n\r\n").size();

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

Method method_of(std::string_view text) {
  if (text == "GET") return Method::get;
  if (text == "HEAD") return Method::head;
  if (text == "POST") return Method::post;
  if (text == "PUT") return Method::put;
  if (text == "DELETE") return Method::remove;
  return Method::other;
}

/// The status and the reason of what the parser refuses.
Refusal refusal_of(const beast::error_code& cause) {
  using Error = beast::http::error;
  if (cause == Error::header_limit) return {431, "the headers are larger than this server takes"};
  if (cause == Error::body_limit) return {413, "the body is larger than this server takes"};
  if (cause == Error::bad_version)
    return {505, "the version of HTTP is not known; expected HTTP/1.1"};
  if (cause == Error::bad_content_length || cause == Error::multiple_content_length)
    return {400, "Content-Length is no single number"};
  if (cause == Error::bad_transfer_encoding)
    return {400, "the length of the body is given in more than one way"};
  if (cause == Error::bad_chunk || cause == Error::bad_chunk_extension)
    return {400, "a chunk of the body is malformed"};
  return {400, "this is no HTTP request"};
}

}  // namespace

/// Beast's parser, which puts what it finds into the request.
class RequestReader::Parser final : public beast::http::basic_parser<true> {
 public:
  explicit Parser(RequestReader& reader) : reader_(reader) {
    body_limit(static_cast<std::uint64_t>(reader.limits_.body_bytes));
    header_limit(static_cast<std::uint32_t>(reader.limits_.header_bytes) + 1);
  }

  bool expects_continue() const { return expects_continue_; }
  bool header_is_done() const { return header_is_done_; }
  bool is_1_0() const { return is_1_0_; }
  /// What our own rules refuse; the parser's error is then only a sign of it.
  const Refusal& refusal() const { return refusal_; }

 private:
  using error_code = beast::error_code;

  void refuse(error_code& error, int status, std::string message) {
    refusal_ = {status, std::move(message)};
    error = beast::http::error::bad_field;
  }

  void on_request_impl(beast::http::verb, beast::string_view method, beast::string_view target,
                       int version, error_code& error) override {
    Request& request = reader_.request_;
    request.method_text = view(method);
    request.method = method_of(request.method_text);
    is_1_0_ = version == 10;
    // A tunnel, and an echo of the token: neither is ever meant for this server.
    if (request.method_text == "CONNECT" || request.method_text == "TRACE")
      return refuse(error, 400, "this server neither tunnels nor echoes");
    if (target.size() > static_cast<std::size_t>(reader_.limits_.url_bytes))
      return refuse(error, 414, "the path and query are longer than this server takes");
    if (target.front() != '/')
      return refuse(error, 400,
                    "the target of the request is no path; expected one that begins "
                    "with '/'");
    const std::string_view text = view(target);
    if (text.find('#') != std::string_view::npos)
      return refuse(error, 400, "the target of the request has a fragment");
    const std::size_t mark = text.find('?');
    request.path = text.substr(0, mark);
    if (mark != std::string_view::npos) request.query = text.substr(mark + 1);
  }

  void on_response_impl(int, beast::string_view, int, error_code&) override {}

  void on_field_impl(beast::http::field name, beast::string_view, beast::string_view value,
                     error_code& error) override {
    // A trailer could claim what the header did not, to whoever reads only one of them.
    if (header_is_done_) return refuse(error, 400, "fields behind the body are not taken");
    if (++fields_ > reader_.limits_.header_count)
      return refuse(error, 431, "there are more headers than this server takes");
    using beast::http::field;
    switch (name) {
      case field::host:
        if (++hosts_ > 1) refuse(error, 400, "the header Host stands twice");
        break;
      case field::content_length:
        read_length(view(value), error);
        break;
      case field::transfer_encoding:
        if (is_1_0_ || !beast::iequals(value, "chunked"))
          refuse(error, 400, "the transfer encoding is not known; expected chunked alone");
        break;
      case field::content_encoding:
        if (!beast::iequals(value, "identity"))
          refuse(error, 415, "a body with a content encoding is not taken");
        break;
      case field::expect:
        if (beast::iequals(value, "100-continue"))
          expects_continue_ = !is_1_0_;
        else
          refuse(error, 417, "what the header Expect asks for is not known");
        break;
      case field::authorization:
        if (!reader_.request_.authorization.empty()) {
          reader_.request_.authorization = SecretValue();  // Nobody is made out by one of two.
          return refuse(error, 400, "the header Authorization stands twice");
        }
        reader_.request_.authorization = SecretValue(view(value));
        break;
      case field::content_type:
        take_once(reader_.request_.content_type, "Content-Type", value, error);
        break;
      case field::if_match:
        take_once(reader_.request_.if_match, "If-Match", value, error);
        break;
      default:
        break;
    }
  }

  /// Beast takes "5, 5" for a length too, as RFC 9110 allows.
  void read_length(std::string_view value, error_code& error) {
    const bool digits =
        !value.empty() && value.find_first_not_of("0123456789") == std::string_view::npos;
    if (++lengths_ > 1 || !digits) refuse(error, 400, "Content-Length is no single number");
  }

  void take_once(std::optional<std::string>& place, const char* name, beast::string_view value,
                 error_code& error) {
    if (place) return refuse(error, 400, "the header " + std::string(name) + " stands twice");
    place = view(value);
  }

  void on_header_impl(error_code& error) override {
    header_is_done_ = true;
    if (!is_1_0_ && hosts_ == 0) refuse(error, 400, "the header Host is missing");
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(beast::string_view data, error_code&) override {
    reader_.body_.append(view(data));
    return data.size();
  }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view data, error_code&) override {
    reader_.body_.append(view(data));
    return data.size();
  }
  void on_finish_impl(error_code&) override {}

  RequestReader& reader_;
  Refusal refusal_{0, {}};
  std::int64_t fields_ = 0;
  int hosts_ = 0, lengths_ = 0;
  bool is_1_0_ = false, expects_continue_ = false, header_is_done_ = false;
};

RequestReader::RequestReader(const core::HttpLimits& limits) : limits_(limits) {}

RequestReader::~RequestReader() = default;

void RequestReader::reset() {
  state_ = State::nothing;
  parser_.reset();
  request_.method = Method::other;
  request_.method_text.clear();
  request_.path.clear();
  request_.query.clear();
  request_.content_type.reset();
  request_.if_match.reset();
  request_.authorization = {};
  request_.body = {};
  body_ = {};
  pending_ = {};
  framing_bytes_ = 0;
  refusal_ = {};
  keeps_alive_ = true;
}

std::size_t RequestReader::refuse(int status, std::string message) {
  refusal_ = {status, std::move(message)};
  state_ = State::refused;
  keeps_alive_ = false;
  return 0;
}

void RequestReader::give_up() { refuse(408, "the request did not come in time"); }

std::size_t RequestReader::feed(std::string_view bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size() &&
         (state_ == State::nothing || state_ == State::header || state_ == State::body)) {
    const std::string_view rest = bytes.substr(taken);
    taken += state_ == State::body ? feed_body(rest) : feed_header(rest);
  }
  return taken;
}

/// A header in one piece, as nearly all come, is parsed where it lies.
std::size_t RequestReader::feed_header(std::string_view bytes) {
  state_ = State::header;
  const std::size_t before = pending_.size();
  const auto limit = static_cast<std::size_t>(limits_.header_bytes);
  std::string_view header = bytes;
  if (before != 0) {
    pending_.append(bytes.substr(0, limit + kHeaderEnd.size() - std::min(before, limit)));
    header = {pending_.data(), pending_.size()};
  }
  const std::size_t overlap = std::min(before, kHeaderEnd.size() - 1);
  const std::size_t end = header.find(kHeaderEnd, before - overlap);
  const std::size_t size = end == std::string_view::npos ? header.size() : end + kHeaderEnd.size();
  if (!check_lines(header.substr(0, std::min(size, limit)), before)) return 0;
  if (size > limit) {
    const bool in_first_line = header.substr(0, limit).find('\n') == std::string_view::npos;
    if (in_first_line) return refuse(414, "the request line is longer than this server takes");
    return refuse(431, "the headers are larger than this server takes");
  }
  if (end == std::string_view::npos) {
    if (before == 0) pending_.append(bytes);
    return bytes.size();
  }
  parse_header(header.substr(0, size));
  pending_.truncate(0);
  return size - before;
}

/// Each line ends with CRLF, and none goes on in the next. False: refused.
bool RequestReader::check_lines(std::string_view header, std::size_t begin) {
  const char* const first = header.data();
  const char* const last = first + header.size();
  // The byte before may be the line end that a fold follows, or the CR that belongs to an LF.
  const char* at = first + (begin == 0 ? 0 : begin - 1);
  while (at < last) {
    const auto* const feed = static_cast<const char*>(
        std::char_traits<char>::find(at, static_cast<std::size_t>(last - at), '\n'));
    if (feed == nullptr) break;
    if (feed == first || feed[-1] != '\r') {
      refuse(400, "a line of the request does not end with CRLF");
      return false;
    }
    if (feed + 1 < last && (feed[1] == ' ' || feed[1] == '\t')) {
      refuse(400, "a header goes on in the next line, which is not taken");
      return false;
    }
    at = feed + 1;
  }
  return true;
}

void RequestReader::parse_header(std::string_view header) {
  parser_ = std::make_unique<Parser>(*this);
  beast::error_code error;
  parser_->put(boost::asio::const_buffer(header.data(), header.size()), error);
  if (error) {
    refusal_ = parser_->refusal().status != 0 ? parser_->refusal() : refusal_of(error);
    refuse(refusal_.status, std::move(refusal_.message));
    return;
  }
  if (!parser_->header_is_done()) {  // An empty line stood where the request line belongs.
    refuse(400, "this is no HTTP request");
    return;
  }
  keeps_alive_ = parser_->keep_alive() && !parser_->is_1_0();
  if (parser_->is_done())
    state_ = State::complete;
  else
    begin_body();
}

void RequestReader::begin_body() {
  const auto length = parser_->content_length();
  if (length && *length > static_cast<std::uint64_t>(limits_.body_bytes)) {
    refuse(413, "the body is larger than this server takes");
    return;
  }
  parser_->eager(true);
  state_ = parser_->expects_continue() ? State::wants_continue : State::body;
}

std::size_t RequestReader::feed_body(std::string_view bytes) {
  if (pending_.size() == 0) {
    const std::size_t taken = parse_body(bytes);
    if (state_ != State::body || taken == bytes.size()) return taken;
    pending_.append(bytes.substr(taken));
    return bytes.size();
  }
  const std::size_t before = pending_.size();
  pending_.append(bytes);
  const std::size_t taken = parse_body({pending_.data(), pending_.size()});
  if (state_ == State::refused) return 0;
  if (state_ == State::complete) {
    pending_ = {};
    return taken - before;
  }
  detail::SecretBuffer rest;
  rest.append({pending_.data() + taken, pending_.size() - taken});
  pending_ = std::move(rest);
  return bytes.size();
}

std::size_t RequestReader::parse_body(std::string_view bytes) {
  // At the end of the chunks Beast 1.81 takes for granted that all five bytes of it are there. So
  // many always follow before the last byte of a body has come.
  if (parser_->chunked() && bytes.size() < kLastChunkBytes) return 0;
  const std::size_t data_before = body_.size();
  beast::error_code error;
  const std::size_t taken =
      parser_->put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
  if (error && error != beast::http::error::need_more) {
    Refusal refusal = parser_->refusal().status != 0 ? parser_->refusal() : refusal_of(error);
    return refuse(refusal.status, std::move(refusal.message));
  }
  framing_bytes_ += taken - (body_.size() - data_before);
  const std::size_t waiting = parser_->is_done() ? 0 : bytes.size() - taken;
  if (framing_bytes_ + waiting > kFramingBytesMax)
    return refuse(400, "the chunks of the body are mostly framing");
  if (parser_->is_done()) {
    request_.body = SecretValue(std::exchange(body_, {}));
    state_ = State::complete;
  }
  return taken;
}

}  // namespace kist::http
