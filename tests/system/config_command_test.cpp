// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <doctest/doctest.h>

#include "kist_process.hpp"

using namespace kist::testing;

TEST_SUITE("system/config_command") {
  TEST_CASE("check says what is taken and from where, and opens nothing") {
    const Workplace workplace;
    CHECK(workplace.done({"config", "check"}) ==
          "The configuration is valid.\n\n"
          "file                  'kist.json', found in the working directory\n"
          "secrets_store         sqlite, from plugin io.kist.sqlite " KIST_TEST_VERSION
          " (" KIST_PLUGIN_DIRECTORY
          "/sqlite.so)\n"
          "backup_secrets_store  none: switched off\n");
    CHECK(!std::filesystem::exists(workplace.path() / "secrets.db"));
    CHECK(!std::filesystem::exists(workplace.path() / "kist-deployment.json"));
    const auto json = workplace.done_json({"config", "check"});
    CHECK(json.at("valid") == true);
    CHECK(json.at("file") == "kist.json");
    CHECK(json.at("secrets_store").at("plugin").at("id") == "io.kist.sqlite");
    CHECK(json.at("backup_secrets_store").at("type") == "none");
  }

  TEST_CASE("a bad configuration is refused with file, line, column and what is allowed") {
    struct Case {
      std::string json, message;
      int exit_code;
    };
    const Case cases[] = {
        {"{",
         "invalid_argument: kist.json:1:2: expected a key in double quotes or '}', found the end "
         "of the file",
         2},
        {R"({"secrets_store": {"type": "sqlite", "paht": "x"}})",
         "invalid_argument: kist.json:1:46: unknown option 'paht' of store type 'sqlite'; did you "
         "mean "
         "'path'? Allowed: path, busy_timeout_ms, read_connections, cache_kib, trace_calls",
         2},
        {R"({"secrets_store": {"type": "memory"}, "plugins": {"trust": {"unsigned": "refuse"}}})",
         "failed_precondition: plugins.trust.unsigned is \"refuse\", and this version cannot check "
         "signatures yet; expected \"allow\", with a pin of each plugin in plugins.trust.sha256",
         6},
        {R"({"secrets_store": {"type": "memory"}, "principals": [{"name": "a", "roles": {}},
                                                                  {"name": "a", "roles": {}}]})",
         "", 2},
    };
    const Workplace workplace;
    for (const Case& item : cases) {
      workplace.configure(item.json);
      for (const Words& words : {Words{"config", "check"}, Words{"secret", "list"}}) {
        const Ended ended = workplace.kist(words);
        CHECK(ended.exit_code == item.exit_code);
        if (!item.message.empty()) CHECK(ended.err == "kist: " + item.message + "\n");
      }
    }
  }

  TEST_CASE("check refuses what 'kist serve' would not start with") {
    const Workplace workplace;
    const std::string text = "'kist serve' would not start: ";
    const struct {
      const char *http, *message;
      int exit_code;
    } cases[] = {{R"("listen": ["127.0.0.1:99999"])", "'99999' is no port from 0 to 65535", 2},
                 {R"("listen": ["kist.example:1"])", "'kist.example' is no IP address", 2},
                 {R"("listen": ["0.0.0.0:1"])", "other machines reach 0.0.0.0:1", 6},
                 {R"("tls": {"certificate": "absent.pem", "key": "absent.key"})",
                  "cannot use the TLS certificate", 6}};
    for (const auto& [http, expected, exit_code] : cases) {
      const std::string message = expected;
      CAPTURE(message);
      workplace.configure(std::string(R"({"secrets_store": {"type": "memory"}, "http": {)") + http +
                          "}}");
      const Ended ended = workplace.kist({"config", "check"});
      CHECK(ended.exit_code == exit_code);
      CHECK(ended.out.empty());
      CHECK(ended.err.find(text) != std::string::npos);
      CHECK(ended.err.find(message) != std::string::npos);
      const auto error = workplace.kist({"config", "check", "--output", "json"}).error_json();
      CHECK(text_of(error.at("message")).find(message) != std::string::npos);
    }
    workplace.configure(
        R"({"secrets_store": {"type": "memory"}, "audit": {"signing_key": "no key"}})");
    CHECK(workplace.kist({"config", "check"}).err.find("'audit.signing_key' is not PEM") !=
          std::string::npos);
    workplace.configure(
        R"({"secrets_store": {"type": "memory"}, "http": {"listen": ["0.0.0.0:1"]}})");
    const Ended insecure = workplace.kist({"config", "check", "--insecure-listen"});
    CHECK(insecure.exit_code == 0);
    CHECK(insecure.err ==
          "kist: warning: no principal has a token, a certificate or a socket_uid, so nobody could "
          "ask 'kist serve'\n");
  }

  TEST_CASE("a PIN that others can read in the file is warned of, once, wherever it counts") {
    const Workplace workplace;
    const std::string sealing =
        R"("sealing": {"keyring": "kist-keyring", "keys": [{"id": "t", "pkcs11": {)"
        R"("module": "/nonexistent/p11.so", "token": "t", "label": "l", "pin": "canary"}}]}})";
    const std::string warning =
        ": the secret 'sealing.keys[0].pkcs11.pin' stands in a file that others can read; run "
        "chmod "
        "600 on it, or refer to the secret with ${file:PATH} or ${env:NAME}\n";
    const auto warnings_of = [&](const Words& words) {
      const std::string err = workplace.kist(words).err;
      CHECK(err.find("canary") == std::string::npos);
      std::size_t count = 0;
      for (std::size_t at = 0; (at = err.find(warning, at)) != std::string::npos; ++at) ++count;
      return count;
    };
    const std::string json =
        R"({"secrets_store": {"type": "sqlite", "path": "secrets.db"}, )" + sealing;
    workplace.write("kist.json", json, 0644);
    for (const Words& words :
         {Words{"config", "check"}, Words{"keys", "init"}, Words{"secret", "list"},
          Words{"keys", "rotate"}, Words{"keys", "rewrap"}, Words{"keys", "list"},
          Words{"keys", "list", "--usage"}, Words{"store", "info"}}) {
      CAPTURE(words.back());
      CHECK(warnings_of(words) == 1);
    }
    const auto check = workplace.done_json({"config", "check"});
    REQUIRE(check.at("warnings").as_array().size() == 1);
    CHECK(text_of(check.at("warnings").at(0)) + "\n" == "kist.json:1:200" + warning);
    workplace.write("kist.json", R"({"secrets_store": {"type": "none"}, )" + sealing, 0644);
    CHECK(warnings_of({"config", "check"}) == 1);
    workplace.write("kist.json", json, 0600);
    CHECK(warnings_of({"config", "check"}) == 0);
    CHECK(warnings_of({"secret", "list"}) == 0);
  }

  TEST_CASE("without a file the places are named that were looked at") {
    const Workplace workplace;
    std::filesystem::remove(workplace.path() / "kist.json");
    const Ended ended = workplace.kist({"config", "check"});
    CHECK(ended.exit_code == 2);
    CHECK(ended.err.find("\n  KIST_CONFIG: not set\n  '" + workplace.path().native() +
                         "/kist.json': no such file\n") != std::string::npos);
    CHECK(workplace.kist({"config", "check", "--output", "json"})
              .error_json()
              .at("trail")
              .as_array()
              .size() >= 3);
  }

  TEST_CASE("the file can be named, and every option be set from outside of it") {
    const Workplace workplace;
    workplace.write("other.json", R"({"secrets_store": {"type": "memory"}})");
    const auto type = [&](const Start& start) {
      const Ended ended = workplace.run(start);
      INFO(ended.err);
      REQUIRE(ended.exit_code == 0);
      return text_of(ended.json().at("secrets_store").at("type"));
    };
    const Words check = {"config", "check", "--output", "json"};
    CHECK(type({.words = check}) == "sqlite");
    CHECK(type({.words = {"--config", "other.json", "config", "check", "--output", "json"}}) ==
          "memory");
    CHECK(type({.words = check, .environment = {{"KIST_CONFIG", "other.json"}}}) == "memory");
    CHECK(type({.words = check, .environment = {{"KIST_SECRETS_STORE_TYPE", "memory"}}}) ==
          "memory");
    CHECK(type({.words = check, .environment = {{"KIST_SECRETS_STORE_TYPE", "none"}}}) == "none");
  }

  TEST_CASE("options from the environment and the command line are merged, the latter stronger") {
    const Workplace workplace;
    const Ended ended = workplace.run(
        {.words = {"config", "show", "--store-option", "cache_kib=128", "--output", "json"},
         .environment = {{"KIST_SECRETS_STORE_CACHE_KIB", "256"},
                         {"KIST_SECRETS_STORE_BUSY_TIMEOUT_MS", "77"}}});
    REQUIRE(ended.exit_code == 0);
    std::string rows;
    const auto document = ended.json();
    for (const auto& row : document.at("settings").as_array()) {
      rows += text_of(row.at("path")) + "=" + text_of(row.at("value")) + " (" +
              text_of(row.at("from")) + ")\n";
    }
    CHECK(rows.find("secrets_store.cache_kib=128 (command line)\n") != std::string::npos);
    CHECK(rows.find("secrets_store.busy_timeout_ms=77 (environment "
                    "KIST_SECRETS_STORE_BUSY_TIMEOUT_MS)\n") != std::string::npos);
    CHECK(rows.find("secrets_store.path=" + workplace.path().native() +
                    "/secrets.db (kist.json:") != std::string::npos);
  }

  TEST_CASE(
      "show names the file, the default plugin directory, and the deployment if it is known") {
    const Workplace workplace;
    const auto row = [&](std::string_view path) -> std::string {
      const auto document = workplace.done_json({"config", "show"});
      for (const auto& setting : document.at("settings").as_array()) {
        if (text_of(setting.at("path")) == path)
          return text_of(setting.at("value")) + " (" + text_of(setting.at("from")) + ")";
      }
      return "";
    };
    CHECK(row("file") == "kist.json (found in the working directory)");
    CHECK(row("plugins.directories[0]") == KIST_PLUGIN_DIRECTORY " (default)");
    CHECK(row("deployment_id").empty());
    const auto file = workplace.path() / "kist-deployment.json";
    CHECK(!std::filesystem::exists(file));
    const auto info = workplace.done_json({"store", "info"});
    CHECK(row("deployment_id") == text_of(info.at("deployment_id")) + " (" + file.native() + ")");
    std::filesystem::permissions(file, std::filesystem::perms(0644));
    const Ended ended = workplace.kist({"config", "show"});
    CHECK(ended.exit_code == 0);
    CHECK(ended.err.find("can be read or written by others") != std::string::npos);
    const std::string id = "3f0c0000-0000-4000-8000-000000000001";
    workplace.configure(R"({"deployment_id": ")" + id +
                        R"(", "secrets_store": {"type": "sqlite", "path": "secrets.db"}})");
    CHECK(row("deployment_id") == id + " (kist.json:1:19)");
  }

  TEST_CASE("show names every limit, and what else counts when nothing is said") {
    const Workplace workplace;
    workplace.configure(R"({"secrets_store": {"type": "memory"},
                            "http": {"limits": {"connections": 5}}, "audit": {"enabled": false}})");
    const std::string rows = workplace.done({"config", "show"});
    const auto has = [&](std::string_view path, std::string_view value, std::string_view from) {
      const auto at = rows.find("\n" + std::string(path) + " ");
      if (at == std::string::npos) return false;
      const std::string row = rows.substr(at + 1, rows.find('\n', at + 1) - at - 1);
      return row.find(" " + std::string(value) + " ") != std::string::npos &&
             row.find("  " + std::string(from)) != std::string::npos;
    };
    CHECK(has("http.listen[0]", "127.0.0.1:8420", "default"));
    CHECK(has("http.limits.connections", "5", "kist.json:2:"));
    CHECK(has("http.limits.body_bytes", "1048576", "default"));
    CHECK(has("audit.enabled", "false", "kist.json:2:"));
    CHECK(has("audit.rotate_bytes", "1073741824", "default"));
    CHECK(has("audit.file", (workplace.path() / "kist-audit.jsonl").native(), "default"));
    CHECK(has("log.level", "info", "default"));
  }

  TEST_CASE("show prints no secret and nothing that a reference gave") {
    const Workplace workplace;
    workplace.configure(R"({"secrets_store": {"type": "sqlite", "path": "${env:CANARY_PATH}"},
      "principals": [{"name": "a", "token_hash": "v1.abcdefgh.000102030405060708090a0b0c0d0e0f.3db86efcb86f3aa3e317bbb64315251e8df03501c6cc447e12f065c4172316d3", "roles": {"default": "reader"}}]})");
    for (const std::string format : {"table", "json"}) {
      const Ended ended = workplace.run({.words = {"config", "show", "--output", format},
                                         .environment = {{"CANARY_PATH", "CANARY.db"}}});
      CHECK(ended.exit_code == 0);
      CHECK(ended.out.find("(secret)") != std::string::npos);
      CHECK(ended.out.find("CANARY.db") == std::string::npos);
      CHECK(ended.out.find("000102030405") == std::string::npos);
    }
  }
}
