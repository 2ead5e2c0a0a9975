// SPDX-License-Identifier: Apache-2.0
#include "connection.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>

#include <boost/json/parse.hpp>

namespace kist::testing {
namespace {

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::size_t number_of(std::string_view text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size())
    throw NoAnswer("the server sent '" + std::string(text) + "' where a number belongs");
  return number;
}

}  // namespace

std::optional<std::string> Answer::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (same_name(key, name)) return value;
  }
  return std::nullopt;
}

std::size_t Answer::count(std::string_view name) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      headers, [&](const auto& header) { return same_name(header.first, name); }));
}

bool Answer::closes() const { return header("Connection") == "close"; }

boost::json::value Answer::json() const { return boost::json::parse(body); }

std::string Answer::code() const {
  boost::system::error_code error;
  const boost::json::value document = boost::json::parse(body, error);
  const boost::json::object* const object = document.if_object();
  if (error || object == nullptr || !object->contains("code")) return "";
  return std::string(object->at("code").as_string());
}

std::string Answer::message() const { return std::string(json().at("detail").at(1).as_string()); }

std::string Ask::bytes() const {
  std::string text = method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n";
  if (!token.empty()) text += "Authorization: Bearer " + token + "\r\n";
  for (const auto& [name, value] : headers) text += name + ": " + value + "\r\n";
  if (!body.empty()) {
    const bool has_type = std::ranges::any_of(
        headers, [](const auto& header) { return same_name(header.first, "Content-Type"); });
    if (!has_type) text += "Content-Type: application/json\r\n";
    text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  }
  return text + "\r\n" + body;
}

void Connection::send(std::string_view bytes) {
  if (!try_send(bytes)) throw NoAnswer("the server takes no more bytes");
}

bool Connection::try_send(std::string_view bytes, std::chrono::milliseconds patience) {
  return stream_->send(bytes, patience);
}

void Connection::dribble(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) send(bytes.substr(i, 1));
}

void Connection::end_sending() { ::shutdown(stream_->descriptor(), SHUT_WR); }

/// False: there is no more.
bool Connection::receive_more() {
  const auto bytes = stream_->receive(kPatience);
  if (!bytes) throw NoAnswer("the server said nothing for too long");
  received_ += *bytes;
  return !bytes->empty();
}

std::string Connection::take_line() {
  std::size_t end = 0;
  while ((end = received_.find("\r\n")) == std::string::npos) {
    if (!receive_more())
      throw NoAnswer("the server closed before the end of a line: '" + received_ + "'");
  }
  std::string line = received_.substr(0, end);
  received_.erase(0, end + 2);
  return line;
}

Answer Connection::answer(bool is_head) {
  Answer answer;
  const std::string first = take_line();
  if (!first.starts_with("HTTP/1.1 ") || first.size() < 12)
    throw NoAnswer("the server sent '" + first + "' where a reply begins");
  answer.status = static_cast<int>(number_of(std::string_view(first).substr(9, 3)));
  for (std::string line = take_line(); !line.empty(); line = take_line()) {
    const std::size_t colon = line.find(": ");
    if (colon == std::string::npos) throw NoAnswer("the server sent a header '" + line + "'");
    answer.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
  }
  if (answer.status == 100) return this->answer(is_head);
  const auto length = answer.header("Content-Length");
  if (!length) throw NoAnswer("the server sent a reply without a length");
  if (is_head) return answer;
  while (received_.size() < number_of(*length)) {
    if (!receive_more()) throw NoAnswer("the server closed in the middle of a reply");
  }
  answer.body = received_.substr(0, number_of(*length));
  received_.erase(0, answer.body.size());
  return answer;
}

Answer Connection::ask(const Ask& ask) {
  send(ask.bytes());
  return answer(ask.method == "HEAD");
}

bool Connection::closes() { return received_.empty() && !receive_more(); }

bool Connection::stays_silent(std::chrono::milliseconds time) {
  if (!received_.empty()) return false;
  const auto bytes = stream_->receive(time);
  if (bytes) received_ += *bytes;
  return !bytes;
}

bool Connection::breaks_off() {
  struct pollfd ready = {stream_->descriptor(), POLLRDHUP, 0};
  return ::poll(&ready, 1, static_cast<int>(std::chrono::milliseconds(kPatience).count())) > 0;
}

std::string Connection::rest() {
  while (receive_more()) {
  }
  return std::exchange(received_, {});
}

}  // namespace kist::testing
