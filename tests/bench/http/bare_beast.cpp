// SPDX-License-Identifier: Apache-2.0
// What a server costs that does nothing but HTTP: Beast as its examples use it (a stream with a
// timeout, one asynchronous read and one write for each request, keep-alive, one thread), which
// answers every request with the reply in a file.
//
//   bare_beast REPLY [CERTIFICATE KEY]      prints its port, and serves until it is killed

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Tcp = asio::ip::tcp;
using Response = http::response<http::string_body>;

constexpr std::chrono::seconds kTimeout{30};

Response read_response(const char* path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  http::response_parser<http::string_body> parser;
  parser.eager(true);
  boost::system::error_code error;
  parser.put(asio::buffer(text), error);
  if (!parser.is_done()) throw std::runtime_error(std::string(path) + " holds no whole reply");
  return parser.release();
}

template <class Stream>
class Session : public std::enable_shared_from_this<Session<Stream>> {
 public:
  template <class... More>
  Session(const Response& reply, Tcp::socket socket, More&... more)
      : reply_(reply), stream_(std::move(socket), more...) {}

  void start() {
    if constexpr (std::is_same_v<Stream, beast::tcp_stream>) {
      read();
    } else {
      beast::get_lowest_layer(stream_).expires_after(kTimeout);
      stream_.async_handshake(asio::ssl::stream_base::server,
                              [self = this->shared_from_this()](boost::system::error_code error) {
                                if (!error) self->read();
                              });
    }
  }

 private:
  void read() {
    request_ = {};
    beast::get_lowest_layer(stream_).expires_after(kTimeout);
    http::async_read(
        stream_, buffer_, request_,
        [self = this->shared_from_this()](boost::system::error_code error, std::size_t) {
          if (!error) self->write();
        });
  }
  void write() {
    response_ = Response(http::status::ok, request_.version());
    for (const auto& field : reply_) response_.insert(field.name_string(), field.value());
    response_.keep_alive(request_.keep_alive());
    response_.body() = reply_.body();
    response_.prepare_payload();
    beast::get_lowest_layer(stream_).expires_after(kTimeout);
    http::async_write(
        stream_, response_,
        [self = this->shared_from_this()](boost::system::error_code error, std::size_t) {
          if (!error && self->response_.keep_alive()) self->read();
        });
  }

  const Response& reply_;
  Stream stream_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  Response response_;
};

class Listener {
 public:
  Listener(asio::io_context& io, const Response& reply, asio::ssl::context* tls)
      : reply_(reply), tls_(tls), acceptor_(io, {asio::ip::address_v4::loopback(), 0}) {}

  unsigned port() const { return acceptor_.local_endpoint().port(); }
  void accept() {
    acceptor_.async_accept([this](boost::system::error_code error, Tcp::socket socket) {
      if (!error) {
        socket.set_option(Tcp::no_delay(true));
        if (tls_ == nullptr)
          std::make_shared<Session<beast::tcp_stream>>(reply_, std::move(socket))->start();
        else
          std::make_shared<Session<beast::ssl_stream<beast::tcp_stream>>>(reply_, std::move(socket),
                                                                          *tls_)
              ->start();
      }
      accept();
    });
  }

 private:
  const Response& reply_;
  asio::ssl::context* tls_;
  Tcp::acceptor acceptor_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 && argc != 4) {
    std::fputs("usage: bare_beast REPLY [CERTIFICATE KEY]\n", stderr);
    return 2;
  }
  try {
    const Response reply = read_response(argv[1]);
    asio::io_context io(1);
    asio::ssl::context tls(asio::ssl::context::tlsv13_server);
    if (argc == 4) {
      tls.use_certificate_chain_file(argv[2]);
      tls.use_private_key_file(argv[3], asio::ssl::context::pem);
    }
    Listener listener(io, reply, argc == 4 ? &tls : nullptr);
    listener.accept();
    std::printf("%u\n", listener.port());
    std::fflush(stdout);
    io.run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bare_beast: %s\n", error.what());
    return 1;
  }
  return 0;
}
