// SPDX-License-Identifier: Apache-2.0
// TLS: who is let in, with what, and who is let go.
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <boost/json/object.hpp>
#include <doctest/doctest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "certificates.hpp"
#include "server_place.hpp"

using namespace kist::testing;

namespace {

namespace fs = std::filesystem;

constexpr const char* kUser = "/api/v1/current-user";
constexpr const char* kSecrets = "/api/v1/secrets";

/// A server with a certificate for 127.0.0.1, which trusts the clients of one authority if asked
/// to.
struct TlsServer {
  explicit TlsServer(bool trusts_clients = false,
                     const std::function<void(ServerPlace&)>& prepare = {})
      : server([&](ServerPlace& place) {
          const CertificateFiles files = authority.issue(
              place.path(), "server", {.common_name = "kist", .address = "127.0.0.1"});
          authority_file = authority.write(place.path() / "authority.pem");
          place.http("tls") = {{"certificate", files.certificate.native()},
                               {"key", files.key.native()}};
          if (trusts_clients)
            place.http("tls")["client_ca"] = clients.write(place.path() / "clients.pem").native();
          if (prepare) prepare(place);
        }) {}

  Authority authority{"Server authority"}, clients{"Client authority"};
  fs::path authority_file;
  RunningServer server;

  TlsContext::Options options() const {
    return {.authority = authority_file, .certificate = {}, .key = {}};
  }
  std::unique_ptr<TlsStream> stream(const TlsContext::Options& wanted) const {
    return std::make_unique<TlsStream>(connect_tcp(server.process->port()), TlsContext(wanted));
  }
  Connection connect(const TlsContext::Options& wanted) const { return Connection(stream(wanted)); }
  TlsContext::Options with(const CertificateFiles& files) const {
    TlsContext::Options wanted = options();
    wanted.certificate = files.certificate;
    wanted.key = files.key;
    return wanted;
  }
};

/// Whether the server answers somebody who begins so. With TLS 1.3 a client learns behind its
/// handshake that its certificate is refused.
bool is_served(const TlsServer& tls, const TlsContext::Options& options) {
  try {
    return tls.connect(options).ask({.path = "/health"}).status == 200;
  } catch (const NoAnswer&) {
    return false;
  }
}

}  // namespace

TEST_SUITE("server/tls") {
  TEST_CASE("TLS 1.2 and 1.3 are spoken, and nothing older") {
    const TlsServer tls;
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION, TLS1_1_VERSION, TLS1_VERSION}) {
      CAPTURE(version);
      TlsContext::Options options = tls.options();
      options.version_min = options.version_max = version;
      CHECK(is_served(tls, options) == (version >= TLS1_2_VERSION));
    }
    Connection connection = tls.connect(tls.options());
    CHECK(connection.ask({.path = kUser, .token = tls.server.admin}).status == 200);
    CHECK(connection.ask({.path = kUser}).status == 401);
  }

  TEST_CASE("HTTP without TLS on its port is told so, and is not read, and noise is closed") {
    TlsServer tls;
    Connection plain = tls.server.connect();
    const Answer answer = plain.ask({.method = "POST",
                                     .path = kSecrets,
                                     .body = R"({"name": "in-clear", "values": {}})",
                                     .token = tls.server.admin});
    CHECK(answer.status == 400);
    CHECK(answer.message() ==
          "this port speaks TLS, and the request came without it; ask https://");
    CHECK(plain.rest().empty());
    Connection noise = tls.server.connect();
    noise.send("\x01\x02 is this the way?\r\n\r\n and more");
    CHECK(noise.rest().find("HTTP/") == std::string::npos);
    Connection tls_client = tls.connect(tls.options());
    const std::string list = tls_client.ask({.path = kSecrets, .token = tls.server.admin}).body;
    CHECK(list.find("in-clear") == std::string::npos);
    CHECK(tls.server.process->wait_for("http").at("says").as_string().starts_with(
        "a TLS handshake failed with 127.0.0.1:"));
  }

  TEST_CASE("who a refused or unknown certificate is of stands in the log of the host") {
    TlsServer tls(true);
    const fs::path& directory = tls.server.place.path();
    const auto user = [&](const CertificateFiles& files) {
      return tls.connect(tls.with(files)).ask({.path = kUser}).status;
    };
    CHECK(user(tls.clients.issue(directory, "other", {.common_name = "other"})) == 401);
    const std::string said(tls.server.process->wait_for("api").at("says").as_string());
    CHECK(said.ends_with(": no principal has the certificate 'CN=other'"));
    CHECK(said.find(" of 127.0.0.1:") != std::string::npos);
    const Authority stranger("Client authority");
    CHECK(
        !is_served(tls, tls.with(stranger.issue(directory, "forged", {.common_name = "deploy"}))));
    const std::string refused(tls.server.process->wait_for("http").at("says").as_string());
    CHECK(refused.find(": its certificate is refused: ") != std::string::npos);
  }

  TEST_CASE("a client certificate is a principal, if the one authority vouches for it") {
    const TlsServer tls(true, [](ServerPlace& place) {
      place.add_principal(
          {{"name", "deploy"}, {"certificate", "CN=deploy"}, {"roles", {{"*", "reader"}}}});
    });
    const fs::path& directory = tls.server.place.path();
    const auto user = [&](const CertificateFiles& files) {
      return tls.connect(tls.with(files)).ask({.path = kUser});
    };
    const Answer known = user(tls.clients.issue(directory, "deploy", {.common_name = "deploy"}));
    CHECK(known.status == 200);
    CHECK(known.json().at("name") == "deploy");
    CHECK(user(tls.clients.issue(directory, "other", {.common_name = "other"})).status == 401);
    CHECK(user(tls.clients.issue(directory, "more",
                                 {.common_name = "deploy", .organisation = "Acme"}))
              .status == 401);
    CHECK(user(tls.clients.issue(directory, "two", {.common_name = "deploy,CN=deploy"})).status ==
          401);
    // AT-12: of an authority that is not the one, or out of its time.
    const Authority stranger("Client authority");
    CHECK(
        !is_served(tls, tls.with(stranger.issue(directory, "forged", {.common_name = "deploy"}))));
    CHECK(!is_served(tls,
                     tls.with(tls.authority.issue(directory, "wrong", {.common_name = "deploy"}))));
    CHECK(!is_served(tls, tls.with(tls.clients.issue(
                              directory, "expired",
                              {.common_name = "deploy", .valid_from_days = -9, .valid_days = 2}))));
    CHECK(
        !is_served(tls, tls.with(tls.clients.issue(
                            directory, "early", {.common_name = "deploy", .valid_from_days = 1}))));
    // Without one, a token does.
    CHECK(tls.connect(tls.options()).ask({.path = kUser, .token = tls.server.admin}).status == 200);
    CHECK(tls.connect(tls.options()).ask({.path = kUser}).status == 401);
  }

  TEST_CASE("AT-12: somebody's token counts for itself, whatever certificate comes with it") {
    const TlsServer tls(true, [](ServerPlace& place) {
      place.add_principal(
          {{"name", "deploy"}, {"certificate", "CN=deploy"}, {"roles", {{"*", "reader"}}}});
    });
    const auto options =
        tls.with(tls.clients.issue(tls.server.place.path(), "deploy", {.common_name = "deploy"}));
    CHECK(tls.connect(options).ask({.path = kUser, .token = tls.server.admin}).json().at("name") ==
          "admin");
    CHECK(tls.connect(options).ask({.path = kUser, .token = "nonsense"}).status == 401);
  }

  TEST_CASE("AT-28: no renegotiation, no early data") {
    const TlsServer tls;
    TlsContext::Options old = tls.options();
    old.version_max = TLS1_2_VERSION;
    const std::unique_ptr<TlsStream> stream = tls.stream(old);
    CHECK(stream->send(Ask{.path = "/health"}.bytes(), kPatience));
    CHECK(stream->receive(kPatience)->starts_with("HTTP/1.1 200"));
    if (::SSL_renegotiate(stream->get()) == 1) {
      static_cast<void>(::SSL_do_handshake(stream->get()));
      stream->send(Ask{.path = "/health"}.bytes(), std::chrono::seconds(5));
      const auto after = stream->receive(std::chrono::seconds(5));
      CHECK((!after || !after->starts_with("HTTP/1.1 200") ||
             ::SSL_num_renegotiations(stream->get()) == 0));
    }
    const std::unique_ptr<TlsStream> fresh = tls.stream(tls.options());
    CHECK(fresh->send(Ask{.path = "/health"}.bytes(), kPatience));
    CHECK(fresh->receive(kPatience).has_value());
    if (::SSL_SESSION* const session = ::SSL_get0_session(fresh->get()))
      CHECK(::SSL_SESSION_get_max_early_data(session) == 0);
  }

  TEST_CASE("AT-28: handshakes that never end are left, and new ones are made meanwhile") {
    const std::size_t count = raise_descriptor_limit(10'000);
    const TlsServer tls(false, [&](ServerPlace& place) {
      place.limit("receive_time_ms", 8'000);
      place.limit("connections", static_cast<std::int64_t>(count) + 100);
    });
    const std::size_t before = tls.server.process->rss_bytes();
    std::vector<Connection> half_open;
    for (std::size_t i = 0; i < count; ++i) {
      half_open.push_back(
          tls.server.connect({.source = "127.0.0." + std::to_string(1 + i / 5'000)}));
      if (i % 2 == 0)
        half_open.back().send(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11));
    }
    CHECK(is_served(tls, tls.options()));
    if (kMeasuresMemory) CHECK((tls.server.process->rss_bytes() - before) / count < (100U << 10));
    for (Connection& connection : half_open) static_cast<void>(connection.rest());
    CHECK(is_served(tls, tls.options()));
  }

  TEST_CASE("AT-27: noise within TLS is refused as it is without") {
    const TlsServer tls;
    for (const char* const bytes :
         {"GET /health HTTP/1.1\nHost: x\r\n\r\n", "\x01\x02\x03\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx"}) {
      Connection connection = tls.connect(tls.options());
      connection.send(bytes);
      CHECK(connection.answer().status == 400);
      CHECK(connection.closes());
    }
  }

  TEST_CASE("a key that others can read, or that is another's, is refused at start") {
    const TlsServer tls;
    const fs::path key = tls.server.place.path() / "server.key";
    ServerPlace other;
    other.settings = tls.server.place.settings;
    fs::permissions(key, fs::perms::others_read, fs::perm_options::add);
    other.apply();
    Ended ended = other.kist({"serve"});
    CHECK(ended.exit_code != 0);
    CHECK(ended.err.find("server.key") != std::string::npos);
    const CertificateFiles different =
        tls.authority.issue(other.path(), "different", {.common_name = "x"});
    other.http("tls")["key"] = different.key.native();
    other.apply();
    ended = other.kist({"serve"});
    CHECK(ended.exit_code != 0);
    CHECK(ended.err.find("key") != std::string::npos);
  }

  TEST_CASE("AT-13: without the authority of its clients, the host does not start, nor reload") {
    const TlsServer tls(true, [](ServerPlace& place) {
      place.add_principal(
          {{"name", "deploy"}, {"certificate", "CN=deploy"}, {"roles", {{"*", "reader"}}}});
    });
    const fs::path authority = tls.server.place.path() / "clients.pem";
    const CertificateFiles forged =
        Authority("Client authority")
            .issue(tls.server.place.path(), "forged", {.common_name = "deploy"});
    const std::string good = read_file(authority);
    for (const std::string& text : {std::string(), std::string("no certificate"),
                                    good.substr(0, good.size() / 2), std::string("absent")}) {
      CAPTURE(text.substr(0, 20));
      if (text == "absent")
        fs::remove(authority);
      else
        std::ofstream(authority, std::ios::binary) << text;
      ServerPlace other;
      other.settings = tls.server.place.settings;
      other.apply();
      const Ended ended = other.kist({"serve"});
      CHECK(ended.exit_code != 0);
      CHECK(ended.err.find("clients.pem") != std::string::npos);
      // The one that runs goes on with what it had.
      CHECK(!is_served(tls, tls.with(forged)));
    }
  }

  TEST_CASE("without TLS the host listens to its own machine alone, unless it is told otherwise") {
    ServerPlace place;
    for (const char* const address : {"0.0.0.0:0", "[::]:0"}) {
      place.settings["http"].as_object()["listen"] = boost::json::array{address};
      place.apply();
      const Ended ended = place.kist({"serve"});
      CAPTURE(std::string(address));
      CHECK(ended.exit_code != 0);
      CHECK(ended.err.find("insecure-listen") != std::string::npos);
    }
    place.settings["http"].as_object()["listen"] = boost::json::array{"0.0.0.0:0"};
    place.apply();
    ServerProcess process(place, {"--insecure-listen"});
    CHECK(process.connect().ask({.path = "/health"}).status == 200);
  }
}
