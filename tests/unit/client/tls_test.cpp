// SPDX-License-Identifier: Apache-2.0
#include "client/tls.hpp"

#include <string>

#include <doctest/doctest.h>

#include "client/http_client.hpp"
#include "fake_server.hpp"
#include "loader/host_call.hpp"
#include "test_certificates.hpp"

using namespace kist;
using namespace kist::testing;
namespace fs = std::filesystem;

namespace {

/// A directory with a CA in it, and what is made with it.
struct Place {
  Place() {
    std::string name = (fs::temp_directory_path() / "kist-tls-XXXXXX").native();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
    ca.write_certificate(path / "ca.pem");
  }
  ~Place() { fs::remove_all(path); }

  client::ServerSettings settings(const FakeServer& server) const {
    client::ServerSettings settings = server.settings();
    settings.tls.ca_file = path / "ca.pem";
    return settings;
  }

  fs::path path;
  const Identity ca = new_identity({.name = "Kist test CA", .is_ca = true});
};

void answer_ok(Connection& connection) {
  while (!connection.read_request().empty()) connection.answer("\"ok\"");
}

std::string outcome(client::ServerSettings settings) {
  try {
    client::HttpClient http(std::move(settings));
    core::HostCall call(std::chrono::seconds(20));
    client::HttpRequest request{.method = "GET", .target = "/x", .repeatable = true};
    std::string text(http.exchange(call, request).text());
    return text + std::string(http.exchange(call, request).text());
  } catch (const Error& error) {
    return std::string(to_string(error.code)) + ": " + std::string(error.message());
  }
}

}  // namespace

TEST_SUITE("client/tls") {
  TEST_CASE("a server with a certificate of a CA that is trusted is asked, over one connection") {
    const Place place;
    const Identity identity = new_identity({}, &place.ca);
    const TlsContext context = identity.server();
    FakeServer server({answer_ok}, context.get());
    CHECK(outcome(place.settings(server)) == "\"ok\"\"ok\"");
    CHECK(server.connections() == 1);
  }

  TEST_CASE(
      "AT-46, AT-49: a server that is not who it has to be gets no request, and is named so") {
    const Place place;
    const Identity stranger = new_identity({.name = "Stranger CA", .is_ca = true});
    struct Case {
      Wanted wanted;
      const Identity* issuer;
      std::string message;
    };
    const Case cases[] = {
        {{.alternative_names = "DNS:kist.example,IP:10.0.0.1"},
         &place.ca,
         "its certificate is for 'kist.example', '10.0.0.1', and not for '127.0.0.1'"},
        {{.name = "127.0.0.1", .alternative_names = ""},
         &place.ca,
         "its certificate is for nobody by name, and not for '127.0.0.1'"},
        {{.alternative_names = "DNS:127.0.0.1"},
         &place.ca,
         "its certificate is for '127.0.0.1', and not for '127.0.0.1'"},
        {{.from_days = -9, .until_days = -1}, &place.ca, "a certificate of it expired at "},
        {{.from_days = 1, .until_days = 2}, &place.ca, "a certificate of it is good only from "},
        {{}, nullptr, "its certificate is signed by itself, and is not one that is trusted; "},
        {{},
         &stranger,
         "its certificate is made by 'CN=Stranger CA', which is not trusted here; name that CA "
         "with --ca"},
        {{.purpose = "clientAuth"},
         &place.ca,
         "its certificate is not made for a server (extended key usage)"},
    };
    for (const Case& item : cases) {
      CAPTURE(item.message);
      const Identity identity = new_identity(item.wanted, item.issuer);
      const TlsContext context = identity.server();
      bool asked = false;
      FakeServer server(
          {[&](Connection& connection) { asked = !connection.read_request().empty(); }},
          context.get());
      const std::string found = outcome(place.settings(server));
      CHECK(found.starts_with("failed_precondition: server '" + server.url() +
                              "' cannot be trusted: " + item.message));
      CHECK(server.connections() == 1);
      CHECK_FALSE(asked);
    }
  }

  TEST_CASE("--ca replaces the system's CAs, and a certificate that signs itself can be named") {
    const Place place;
    const Identity itself = new_identity({});
    itself.write_certificate(place.path / "itself.pem");
    const TlsContext context = itself.server();
    FakeServer server({answer_ok}, context.get());
    client::ServerSettings settings = server.settings();
    settings.tls.ca_file = place.path / "itself.pem";
    CHECK(outcome(std::move(settings)) == "\"ok\"\"ok\"");
  }

  TEST_CASE("TLS 1.1 is not spoken") {
    const Place place;
    const Identity identity = new_identity({}, &place.ca);
    const TlsContext context = identity.server();
    ::SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
    ::SSL_CTX_set_max_proto_version(context.get(), TLS1_1_VERSION);
    ::SSL_CTX_set_security_level(context.get(), 0);
    FakeServer server({answer_ok}, context.get());
    CHECK(outcome(place.settings(server)).starts_with("unavailable: TLS with server '"));
  }

  TEST_CASE("a server without TLS is told apart from one that cannot be trusted") {
    const Place place;
    FakeServer server({[](Connection& connection) {
      connection.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
      connection.read_request();
    }});
    client::ServerSettings settings = place.settings(server);
    settings.address = client::parse_server_address("https" + server.url().substr(4), "--server");
    const std::string url = settings.address.text;
    CHECK(outcome(std::move(settings)) ==
          "failed_precondition: server '" + url +
              "' does not speak TLS; expected a server with a certificate, or http://");
  }

  TEST_CASE("a client certificate is shown to a server that asks for one") {
    const Place place;
    const Identity identity = new_identity({}, &place.ca);
    const Identity own = new_identity(
        {.name = "deploy", .alternative_names = "", .purpose = "clientAuth"}, &place.ca);
    own.write_certificate(place.path / "own.pem");
    own.write_key(place.path / "own.key");
    const TlsContext context = identity.server();
    ::SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    ::X509_STORE_add_cert(::SSL_CTX_get_cert_store(context.get()), place.ca.certificate.get());
    FakeServer server({answer_ok, answer_ok, answer_ok}, context.get());

    client::ServerSettings settings = place.settings(server);
    settings.tls.certificate_file = place.path / "own.pem";
    settings.tls.key_file = place.path / "own.key";
    CHECK(outcome(std::move(settings)) == "\"ok\"\"ok\"");
    CHECK(outcome(place.settings(server))
              .starts_with("unauthenticated: server '" + server.url() +
                           "' wants a certificate that it trusts from whoever asks ("));
  }

  TEST_CASE("files that hold no certificate, no key or another's key are refused by name") {
    const Place place;
    const Identity own = new_identity({}, &place.ca), other = new_identity({}, &place.ca);
    own.write_certificate(place.path / "own.pem");
    other.write_key(place.path / "other.key");
    const auto refusal = [&](const client::TlsSettings& settings) -> std::string {
      try {
        client::TlsClient tls(settings);
      } catch (const Error& error) {
        return std::string(to_string(error.code)) + ": " + std::string(error.message());
      }
      return "none";
    };
    const std::string own_pem = place.path / "own.pem", key = place.path / "other.key",
                      none = place.path / "none";
    CHECK(refusal({.ca_file = key, .certificate_file = {}, .key_file = {}}) ==
          "invalid_argument: file '" + key + "' holds no certificate in PEM, and --ca needs one");
    CHECK(refusal({.ca_file = none, .certificate_file = {}, .key_file = {}}) ==
          "not_found: cannot read file '" + none + "': No such file or directory");
    CHECK(refusal({.ca_file = {}, .certificate_file = key, .key_file = {}}) ==
          "invalid_argument: file '" + key + "' holds no certificate in PEM");
    CHECK(
        refusal({.ca_file = {}, .certificate_file = own_pem, .key_file = {}}) ==
        "invalid_argument: file '" + own_pem +
            "' holds no private key in PEM without a passphrase; --client-key names the file that "
            "does");
    CHECK(refusal({.ca_file = {}, .certificate_file = own_pem, .key_file = key}) ==
          "invalid_argument: file '" + key +
              "' holds a key that is not that of the certificate in '" + own_pem + "'");
  }
}
