// SPDX-License-Identifier: Apache-2.0
// The command as a client of the server: the same words, output and exit codes as on a store.
#include <unistd.h>

#include <map>
#include <string>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>

#include <kist/uuid.hpp>

#include "certificates.hpp"
#include "server_place.hpp"

using namespace kist::testing;

namespace {

std::string url_of(const RunningServer& server) {
  return "http://127.0.0.1:" + std::to_string(server.process->port());
}

/// `kist` in a directory without a configuration, so that a store cannot be what answers.
struct Client {
  explicit Client(const RunningServer& server) : Client(url_of(server), server.admin) {}
  Client(const std::string& url, const std::string& token) {
    std::filesystem::remove(place.path() / "kist.json");
    environment = {{"KIST_SERVER", url}, {"PATH", "/usr/bin:/bin"}};
    if (!token.empty()) environment["KIST_TOKEN"] = token;
  }

  Ended kist(const Words& words, std::string_view input = {}) const {
    return place.run({.words = words, .input = std::string(input), .environment = environment});
  }
  std::string done(const Words& words, std::string_view input = {}) const {
    const Ended ended = kist(words, input);
    INFO(ended.err);
    REQUIRE(ended.exit_code == 0);
    return ended.out;
  }
  boost::json::value done_json(Words words, std::string_view input = {}) const {
    words.insert(words.end(), {"--output", "json"});
    return boost::json::parse(done(words, input));
  }

  Workplace place;
  std::map<std::string, std::string> environment;
};

/// What differs from one store to the next, and from one moment to the next, is left out: ids by
/// their order, times, and the line that names the request.
std::string without_chance(const Ended& ended) {
  const std::string text =
      std::to_string(ended.exit_code) + "\n" + ended.out + "\n--\n" + ended.err;
  std::map<std::string, std::string> ids;
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    const std::string id = text.substr(i, 36);
    if (id.size() == 36 && id[8] == '-' && kist::Uuid::parse(id)) {
      const auto [known, is_new] = ids.emplace(id, "ID" + std::to_string(ids.size()));
      result += known->second;
      i += 36;
    } else if (text.compare(i, 2, "20") == 0 && i + 19 <= text.size() && text[i + 4] == '-' &&
               text[i + 7] == '-' && text[i + 13] == ':') {
      result += "TIME";
      i += 19;
      while (i < text.size() && (text[i] == '.' || (text[i] >= '0' && text[i] <= '9'))) ++i;
    } else if (text.compare(i, 9, "--cursor ") == 0) {
      i = text.find('\n', i);
    } else if (text.compare(i, 11, "\n  request ") == 0) {
      i = text.find('\n', i + 1);
    } else if (text.compare(i, 15, ",\"request_id\":\"") == 0) {
      i = text.find('"', i + 15) + 1;
    } else {
      result += text[i++];
    }
  }
  return result;
}

struct Step {
  Words words;
  std::string input = {};
};

const std::vector<Step> kSteps = {
    {{"secret", "create", "db", "user=-", "--id", "3f0c0000-0000-4000-8000-00000000000a"}, "app"},
    {{"secret", "create", "db", "user=-"}, "app"},
    {{"secret", "create", "db", "user=-", "--scope", "user", "--id",
      "3f0c0000-0000-4000-8000-00000000000b"},
     "mine"},
    {{"secret", "create", " bad", "user=-"}, "app"},
    {{"secret", "create", "raw", "bytes=-"}, std::string("\xff\0\n\x1b[31m", 8)},
    {{"secret", "create", "large", "k=-"}, std::string(65'537, 'x')},
    {{"secret", "create", "other", "k=-", "--workspace", "research"}, "v"},
    {{"secret", "create", "nowhere", "k=-", "--workspace", "none"}, "v"},
    {{"secret", "create", "again", "k=-", "--id", "3f0c0000-0000-4000-8000-000000000001"}, "v"},
    {{"secret", "create", "again", "k=-", "--id", "3f0c0000-0000-4000-8000-000000000001"}, "v"},
    {{"secret", "create", "again", "k=-", "--id", "3f0c0000-0000-4000-8000-000000000001"}, "w"},
    {{"secret", "get", "db"}},
    {{"secret", "get", "db", "--scope", "user"}},
    {{"secret", "get", "db", "--scope", "workspace", "--reveal"}},
    {{"secret", "get", "db", "--scope", "workspace", "--reveal", "--output", "json"}},
    {{"secret", "get", "raw", "--key", "bytes"}},
    {{"secret", "get", "raw", "--reveal", "--output", "json"}},
    {{"secret", "get", "raw", "--key", "none"}},
    {{"secret", "get", "none"}},
    {{"secret", "get", "none", "--output", "json"}},
    {{"secret", "get", "3f0c0000-0000-4000-8000-000000000001"}},
    {{"secret", "get", "3f0c0000-0000-4000-8000-000000000009"}},
    {{"secret", "get", "other"}},
    {{"secret", "get", "other", "--workspace", "research"}},
    {{"secret", "get", "other", "--workspace", "none"}},
    {{"secret", "list", "--sort", "name"}},
    {{"secret", "list", "--sort", "name", "--output", "json"}},
    {{"secret", "list", "--name", "startswith:o", "--workspace", "research"}},
    {{"secret", "list", "--name", "equals:a", "--name", "equals:db", "--or", "--sort", "created"}},
    {{"secret", "list", "--size", "2", "--page", "2", "--sort", "desc:name"}},
    {{"secret", "list", "--page", "99"}},
    {{"secret", "list", "--created", "yesterday"}},
    {{"secret", "list", "--workspace", "none"}},
    {{"secret", "update", "again", "more=-"}, "m"},
    {{"secret", "update", "again", "--remove", "k", "--if-revision", "2"}},
    {{"secret", "update", "again", "--remove", "more", "--if-revision", "2"}},
    {{"secret", "update", "again", "n=-", "--replace"}, "n"},
    {{"secret", "update", "again", "--rename", "raw"}},
    {{"secret", "update", "again", "--rename", "new", "--scope", "user"}},
    {{"secret", "update", "none", "k=-"}, "v"},
    {{"secret", "get", "new", "--reveal"}},
    {{"secret", "export", "--format", "json"}},
    {{"secret", "export", "new", "--format", "dotenv"}},
    {{"secret", "import", "--format", "json", "-"},
     R"({"secrets":[{"name":"i","values":{"k":"v"}},{"name":"new","scope":"user","values":{"n":"n"}}]})"},
    {{"run", "--map", "N=new.n", "--", "sh", "-c", "echo $N; exit 3"}},
    {{"secret", "delete", "new", "--yes", "--if-revision", "1"}},
    {{"secret", "delete", "new", "--yes"}},
    {{"secret", "delete", "new", "--yes"}},
};

}  // namespace

TEST_SUITE("server/client") {
  TEST_CASE("a server gives the same output and exit codes as a store that is opened here") {
    // The local principal is the one named `default`.
    RunningServer server([](ServerPlace& place) {
      place.settings["principals"].as_array().clear();
      place.add_principal({{"name", "other"}, {"roles", {{"research", "reader"}}}});
    });
    const std::string token = server.place.add_token("default", {{"*", "admin"}});
    server.place.apply();
    server.restart();
    const Client client(url_of(server), token);

    Workplace local;
    local.configure(R"({"secrets_store": {"type": "sqlite", "path": "secrets.db"},
                        "workspaces": ["default", "research"]})");
    local.done({"status"});  // What is made at the first start is said once.
    for (const Step& step : kSteps) {
      std::string line;
      for (const std::string& word : step.words) line += word + " ";
      CAPTURE(line);
      const Ended here = local.run(
          {.words = step.words, .input = step.input, .environment = {{"PATH", "/usr/bin:/bin"}}});
      CHECK(without_chance(client.kist(step.words, step.input)) == without_chance(here));
    }
  }

  TEST_CASE("a cursor of a server's list leads to the next page") {
    const RunningServer server;
    const Client client(server);
    for (const char* const name : {"a", "b", "c"})
      client.done({"secret", "create", name, "k=-"}, "v");
    const auto first = client.done_json({"secret", "list", "--size", "2", "--sort", "name"});
    const std::string cursor = text_of(first.at("next_cursor"));
    const auto next =
        client.done_json({"secret", "list", "--size", "2", "--sort", "name", "--cursor", cursor});
    CHECK(next.at("items").as_array().size() == 1);
    CHECK(next.at("items").as_array()[0].at("name") == "c");
  }

  TEST_CASE("the token comes from a variable or a file, and nobody gets in without a good one") {
    const RunningServer server;
    Client client(url_of(server), "");
    const Ended none = client.kist({"secret", "list"});
    CHECK(none.exit_code == 3);
    CHECK(none.err.starts_with("kist: unauthenticated: "));
    CHECK(none.err.find("\n  request ") != std::string::npos);

    client.place.write("token", server.admin + "\n");
    client.done({"secret", "list", "--token-file", "token"});
    client.environment["KIST_TOKEN"] = server.admin;
    client.done({"secret", "list"});
    // A file that is named counts more than the variable.
    client.place.write("wrong", "nonsense");
    CHECK(client.kist({"secret", "list", "--token-file", "wrong"}).exit_code == 3);
    CHECK(client.kist({"secret", "list", "--token-file", "none"}).exit_code == 4);
    client.place.write("empty", "\n");
    CHECK(client.kist({"secret", "list", "--token-file", "empty"}).exit_code == 2);

    for (const ::mode_t mode : {0644u, 0620u}) {
      client.place.write("open", server.admin, mode);
      const Ended open = client.kist({"secret", "list", "--token-file", "open"});
      CHECK(open.exit_code == 0);
      CHECK(open.err ==
            "kist: warning: file 'open', which --token-file names, can be read or written by "
            "others; run chmod 600 on it\n");
    }
  }

  TEST_CASE("what a principal may not do ends in exit code 3, with the request that it was") {
    std::string lister, reader;
    RunningServer server([&](ServerPlace& place) {
      lister = place.add_token("l", {{"default", "lister"}});
      reader = place.add_token("r", {{"default", "reader"}});
    });
    const Client admin(server);
    admin.done({"secret", "create", "db", "k=-"}, "v");
    const Client sees(url_of(server), lister), reads(url_of(server), reader);
    CHECK(sees.done({"secret", "get", "db"}).find("k    (hidden)\n") != std::string::npos);
    for (const Words& words :
         {Words{"secret", "get", "db", "--reveal"}, Words{"secret", "get", "db", "--key", "k"},
          Words{"secret", "export", "db", "--format", "json"},
          Words{"run", "--secret", "db", "--", "true"}}) {
      const Ended ended = sees.kist(words);
      CHECK(ended.exit_code == 3);
      CHECK(ended.err ==
            "kist: permission_denied: the values of secret 'db' are not yours to see\n");
    }
    CHECK(reads.done({"secret", "get", "db", "--key", "k"}) == "v");
    const Ended denied = reads.kist({"secret", "delete", "db", "--yes", "--output", "json"});
    CHECK(denied.exit_code == 3);
    CHECK(denied.error_json().at("code") == "permission_denied");
    CHECK(denied.error_json().at("request_id").is_string());
  }

  TEST_CASE("status, store info and plugin list show what the server says") {
    RunningServer server;
    const Client client(server);
    const auto status = client.done_json({"status"});
    CHECK(status.at("ready") == true);
    CHECK(status.at("store_type") == "sqlite");
    CHECK(status.at("version") == KIST_TEST_VERSION);
    CHECK(status.at("principal") == "admin");
    CHECK(boost::json::serialize(status.at("roles")) == R"({"*":"admin"})");
    CHECK(status.at("round_trip_us").is_int64());
    const std::string table = client.done({"status"});
    CHECK(table.find("\nPRINCIPAL        admin\n") != std::string::npos);
    CHECK(table.find("\nROUND TRIP (µs)  ") != std::string::npos);
    CHECK(client.done_json({"store", "info"}).at("type") == "sqlite");
    CHECK(client.done({"store", "info"}).find("TYPE") != std::string::npos);
    CHECK(client.done({"plugin", "list"}).find("io.kist.sqlite") != std::string::npos);

    CHECK(client.kist({"keys", "list", "--server", url_of(server)}).exit_code == 2);
  }

  TEST_CASE("status shows each what the server tells them, and nothing that it does not") {
    std::string reader;
    RunningServer server([&](ServerPlace& place) {
      reader = place.add_token("r", {{"default", "reader"}});
    });
    const auto told = Client(url_of(server), reader).done_json({"status"}).as_object();
    CHECK(told.at("zenml_store_type") == "sql");
    CHECK(!told.contains("store_type"));
    CHECK(told.at("principal") == "r");

    for (const std::string token : {"", "nonsense"}) {
      const Client stranger(url_of(server), token);
      const Ended unknown = stranger.kist({"status", "--output", "json"});
      CHECK(unknown.exit_code == 3);
      CHECK(unknown.json().at("ready") == true);
      CHECK(text_of(unknown.json().at("problem"))
                .starts_with(token.empty() ? "unauthenticated: who asks?"
                                           : "unauthenticated: the server is there, and does not "
                                             "know the token that was sent"));
      CHECK(unknown.json().as_object().size() == 4);  // Those, and "server" and "round_trip_us".
      const Ended table = stranger.kist({"status"});
      CHECK(table.out.find("VERSION") == std::string::npos);
      const std::string notice =
          "kist: to who shows a token (KIST_TOKEN, --token-file) or a client certificate that it "
          "knows, the server also tells its version, its deployment, its type of store, and who "
          "one is\n";
      CHECK(table.err == (token.empty() ? notice : ""));
    }
    CHECK(server.place.audit_records().size() == 3 + 4);  // A stranger's status asks once.
  }

  TEST_CASE("AT-37: a command that is run with a server's secrets gets no token") {
    const RunningServer server;
    const Client client(server);
    client.done({"secret", "create", "db", "k=-"}, "v");
    const std::string seen = client.done({"run", "--secret", "db", "--", "env"});
    CHECK(seen.find("K=v\n") != std::string::npos);
    CHECK(seen.find(server.admin) == std::string::npos);
    CHECK(seen.find("KIST_TOKEN") == std::string::npos);
  }

  TEST_CASE("a server on a Unix socket knows who asks") {
    std::string socket;
    const RunningServer server([&](ServerPlace& place) {
      socket = "unix:" + (place.path() / "kist.sock").native();
      place.settings["http"].as_object()["listen"] = boost::json::array{"127.0.0.1:0", socket};
      place.add_principal(
          {{"name", "me"}, {"socket_uid", ::geteuid()}, {"roles", {{"*", "admin"}}}});
    });
    const Client client(socket, "");
    client.done({"secret", "create", "db", "k=-"}, "v");
    CHECK(client.done({"secret", "get", "db", "--key", "k"}) == "v");
    CHECK(client.done_json({"status"}).at("principal") == "me");
  }

  TEST_CASE("AT-46: TLS needs a CA that is trusted, and shows a certificate that is asked for") {
    Authority authority("Server authority"), clients("Client authority");
    Workplace files;
    const RunningServer server([&](ServerPlace& place) {
      const CertificateFiles own =
          authority.issue(place.path(), "server", {.common_name = "kist", .address = "127.0.0.1"});
      place.http("tls") = {{"certificate", own.certificate.native()},
                           {"key", own.key.native()},
                           {"client_ca", clients.write(files.path() / "clients.pem").native()}};
      place.add_principal(
          {{"name", "deploy"}, {"certificate", "CN=deploy"}, {"roles", {{"*", "reader"}}}});
    });
    const std::string ca = authority.write(files.path() / "ca.pem");
    const std::string url = "https://127.0.0.1:" + std::to_string(server.process->port());
    Client client(url, server.admin);
    const Ended refused = client.kist({"secret", "list"});
    CHECK(refused.exit_code == 6);
    CHECK(refused.err ==
          "kist: failed_precondition: server '" + url +
              "' cannot be trusted: its certificate is made by 'CN=Server authority', which is not "
              "trusted here; name that CA with --ca\n");
    client.done({"secret", "create", "db", "k=-", "--ca", ca}, "v");
    client.environment["KIST_CA"] = ca;
    CHECK(client.done({"secret", "get", "db", "--key", "k"}) == "v");

    const CertificateFiles own = clients.issue(files.path(), "deploy", {.common_name = "deploy"});
    Client deploy(url, "");
    deploy.environment["KIST_CA"] = ca;
    CHECK(deploy
              .done_json({"status", "--client-certificate", own.certificate.native(),
                          "--client-key", own.key.native()})
              .at("principal") == "deploy");

    // A key that others can read gets a warning, also where it stands behind its certificate.
    std::filesystem::permissions(own.key, std::filesystem::perms(0640));
    deploy.place.write("both.pem", read_file(own.certificate) + read_file(own.key), 0640);
    const auto warning = [&](Words words, const std::string& file, const std::string& option) {
      words.insert(words.begin(), {"secret", "list"});
      const Ended ended = deploy.kist(words);
      CHECK(ended.exit_code == 0);
      CHECK(ended.err == "kist: warning: file '" + file + "', which " + option +
                             " names, can be read or written by others; run chmod 600 on it\n");
    };
    warning({"--client-certificate", own.certificate.native(), "--client-key", own.key.native()},
            own.key.native(), "--client-key");
    warning({"--client-certificate", "both.pem"}, "both.pem", "--client-certificate");
  }

  TEST_CASE("a server that stops answers what it has begun, and is unavailable afterwards") {
    RunningServer server;
    const Client client(server);
    client.done({"secret", "create", "db", "k=-"}, "v");
    CHECK(server.process->stop() == 0);
    const Ended gone = client.kist({"secret", "get", "db"});
    CHECK(gone.exit_code == 7);
    CHECK(gone.err == "kist: unavailable: cannot connect to server '" +
                          client.environment.at("KIST_SERVER") + "': Connection refused\n");
  }
}
