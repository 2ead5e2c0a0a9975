// SPDX-License-Identifier: Apache-2.0
// AT-34, AT-37: values and tokens on their way to a server and back are left nowhere.
#include <string>

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include "../canary_sweep.hpp"
#include "certificates.hpp"
#include "server_place.hpp"

using namespace kist::testing;

namespace {

/// `kist` as a client, whose token is a canary too.
struct ClientSweep : Sweep {
  explicit ClientSweep(const std::string& url, const std::string& token) {
    names_configuration = false;
    look_for({"token", token});
    environment["KIST_SERVER"] = url;
    environment["KIST_TOKEN"] = token;
  }

  const std::string value = canary("value");
};

void sweep_commands(ClientSweep& sweep) {
  const std::string& value = sweep.value;
  sweep.give("value", value);
  sweep.kist({"secret", "create", "s", "k=" + value});
  sweep.kist({"secret", "create", "s", "k=" + value}, 5);
  sweep.kist({"secret", "create", "f", "--from-file", "k=" + sweep.given("value").native()});
  sweep.run({.words = {"secret", "update", "s", "l=-"}, .input = value}, 0);
  sweep.kist({"secret", "get", "s"});
  sweep.kist({"secret", "get", "s", "--key", "k"}, 0, {kShownValue});
  sweep.kist({"secret", "get", "s", "--reveal", "--output", "json"}, 0, {kShownValue});
  sweep.kist({"secret", "list"});
  sweep.kist({"secret", "export", "s", "--format", "yaml"}, 0, {kShownValue});
  const Ended exported =
      sweep.run({.words = {"secret", "export", "f", "--format", "json"}}, 0, {kShownValue});
  sweep.run({.words = {"secret", "import", "--format", "json", "-"}, .input = exported.out}, 0);
  sweep.kist({"status"});
  sweep.kist({"run", "--secret", "s", "--mask", "--", "sh", "-c", "echo $K; echo $L >&2"});
  sweep.kist({"secret", "delete", "s", "--yes"});
}

}  // namespace

TEST_SUITE("server/client canary") {
  TEST_CASE("AT-34, AT-37: a client leaves neither values nor its token anywhere") {
    const RunningServer server;
    ClientSweep sweep("http://127.0.0.1:" + std::to_string(server.process->port()), server.admin);
    sweep_commands(sweep);
  }

  TEST_CASE("AT-34, AT-37: a client of TLS leaves neither values nor its token anywhere") {
    Authority authority("Server authority");
    Workplace files;
    const RunningServer server([&](ServerPlace& place) {
      const CertificateFiles own =
          authority.issue(place.path(), "server", {.common_name = "kist", .address = "127.0.0.1"});
      place.http("tls") = {{"certificate", own.certificate.native()}, {"key", own.key.native()}};
    });
    ClientSweep sweep("https://127.0.0.1:" + std::to_string(server.process->port()), server.admin);
    sweep.environment["KIST_CA"] = authority.write(files.path() / "ca.pem");
    sweep_commands(sweep);
  }

  TEST_CASE("AT-37: a token that is refused, or in a file, is left nowhere") {
    const RunningServer server;
    const std::string url = "http://127.0.0.1:" + std::to_string(server.process->port());
    ClientSweep sweep(url, server.admin);
    const std::string wrong = sweep.canary("wrong token", 40);
    sweep.environment["KIST_TOKEN"] = wrong;
    sweep.kist({"secret", "list"}, 3);
    sweep.kist({"status"}, 3);
    sweep.environment["KIST_TOKEN"] = "a b" + wrong;
    sweep.kist({"secret", "list"}, 2);
    sweep.environment.erase("KIST_TOKEN");
    sweep.give("token", server.admin);
    sweep.kist({"secret", "list", "--token-file", sweep.given("token").native()});
    // A command that works here has no use for it, and does not keep it all the same.
    sweep.environment["KIST_TOKEN"] = wrong;
    sweep.kist({"completion", "bash"});
  }
}
