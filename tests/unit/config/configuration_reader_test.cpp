// SPDX-License-Identifier: Apache-2.0
#include "config/configuration_reader.hpp"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "../access/token_sample.hpp"
#include "message_of.hpp"
#include "sample_configuration.hpp"

using namespace kist::core;
using kist::core::testing::kSampleTokenHash;
using kist::core::testing::message_of;
using kist::core::testing::SampleConfiguration;

namespace {

/// `section` beside a store, on a line of its own.
std::string with_store(std::string_view section) {
  return "{\"secrets_store\": {\"type\": \"memory\"},\n" + std::string(section) + "}";
}

}  // namespace

TEST_SUITE("core/config/configuration_reader") {
  TEST_CASE("the documented configuration is read in full") {
    const SampleConfiguration sample{R"({
      "deployment_id": "3F0C2D4E-0000-4000-8000-000000000001",
      "secrets_store": { "type": "sqlite", "path": "/var/lib/kist/secrets.db" }, // beside `type`
      "backup_secrets_store": { "type": "none" },
      "plugins": {
        "directories": ["/usr/lib/kist/plugins", "/opt/kist/../plugins"],
        "trust": { "unsigned": "refuse", "sha256": {"acme.so":
          "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}, "ed25519_keys": ["k"] }
      },
      "sealing": { "enabled": "auto", "current": "k1", "keys": [ { "id": "k1", "file": "k1.key" } ] },
      "workspaces": ["default", {"name": "research", "id": "00000000000000000000000000000007"}],
      "principals": [
        { "name": "alice", "token_hash": "${env:HASH}",
          "token_expires": "2027-01-31T12:00:00+01:00", "roles": { "default": "writer", "research": "reader" } },
        { "name": "deploy", "certificate": "CN=deploy", "roles": { "*": "lister" } },
        { "name": "root", "socket_uid": 0, "roles": { "*": "admin" } }
      ],
      "http": { "listen": ["127.0.0.1:8420", "unix:/run/kist/kist.sock"],
                "tls": { "certificate": "tls.crt", "key": "/k", "client_ca": "ca.crt" }, "threads": 2, "limits": {"body_bytes": 4096} },
      "audit": { "enabled": false, "file": "/var/log/kist/audit.jsonl", "signing_key": "canary",
                 "rotate_bytes": 4096, "deadline_ms": 10 },
      "log": { "level": "debug", "format": "json" }
    })",
                                     {{"HASH", kSampleTokenHash}}};
    const Configuration read = sample.read();
    CHECK(read.deployment_id->to_string() == "3f0c2d4e-0000-4000-8000-000000000001");
    CHECK(read.secrets_store.type == "sqlite");
    CHECK(read.secrets_store.option("path")->text.reveal() == "/var/lib/kist/secrets.db");
    CHECK(read.backup_secrets_store.is_off());
    REQUIRE(read.plugins.directories->size() == 2);
    CHECK(read.plugins.directories->at(1) == "/opt/plugins");
    CHECK(read.plugins.trust.unsigned_plugins == "refuse");
    CHECK(read.plugins.trust.sha256.at("acme.so").substr(0, 4) == "0123");
    CHECK(read.plugins.trust.ed25519_keys == std::vector<std::string>{"k"});
    CHECK(!read.sealing.enabled);
    CHECK(read.sealing.current == "k1");
    CHECK(std::get<KeyFile>(read.sealing.keys.at(0).source).path == "/etc/kist/k1.key");
    REQUIRE(read.workspaces.size() == 2);
    CHECK(!read.workspaces[0].id);
    CHECK(read.workspaces[1].name == "research");
    CHECK(read.workspaces[1].id->bytes[15] == 7);
    REQUIRE(read.principals.size() == 3);
    CHECK(read.principals[0].token_hash->to_string() == kSampleTokenHash);
    CHECK((read.principals[0].token_expires ==
           std::chrono::sys_days(std::chrono::year(2027) / 1 / 31) + std::chrono::hours(11)));
    CHECK(!read.principals[1].token_hash);
    CHECK(!read.principals[1].token_expires);
    CHECK(read.principals[0].roles.at("research") == "reader");
    CHECK(read.principals[1].certificate == "CN=deploy");
    CHECK(read.principals[2].socket_uid == 0u);
    CHECK(read.http.listen.size() == 2);
    CHECK(read.http.tls->certificate == "/etc/kist/tls.crt");
    CHECK(read.http.threads == 2);
    CHECK(read.http.limits.body_bytes == 4096);
    CHECK(read.http.limits.url_bytes == 8192);
    CHECK(read.audit.file == "/var/log/kist/audit.jsonl");
    CHECK(read.audit.signing_key->reveal() == "canary");
    CHECK(!read.audit.enabled);
    CHECK(read.audit.rotate_bytes == 4096);
    CHECK(read.audit.deadline == std::chrono::milliseconds(10));
    CHECK(read.log.level == "debug");
    CHECK(read.log.format == "json");
  }

  TEST_CASE("everything has a default but the store") {
    const Configuration read = SampleConfiguration{with_store("\"log\":{}")}.read();
    CHECK(!read.deployment_id);
    CHECK(read.backup_secrets_store.is_off());
    CHECK(!read.plugins.directories);
    CHECK(read.plugins.trust.unsigned_plugins == "allow");
    REQUIRE(read.workspaces.size() == 1);
    CHECK(read.workspaces[0].name == "default");
    CHECK(read.principals.empty());
    CHECK(read.audit.enabled);
    CHECK(!read.audit.file);
    CHECK(!read.audit.signing_key);
    CHECK(read.audit.rotate_bytes == 1024 * 1024 * 1024);
    CHECK(read.audit.deadline == std::chrono::seconds(5));
    CHECK(read.log.level == "info");
    CHECK(read.log.format == "auto");
  }

  TEST_CASE("without a store the message shows the smallest file") {
    const std::string help =
        "no secrets store is configured; the smallest kist.json is {\"secrets_store\": {\"type\": "
        "\"sqlite\", \"path\": \"/var/lib/kist/secrets.db\"}}, and without a file "
        "KIST_SECRETS_STORE_TYPE=sqlite with KIST_SECRETS_STORE_PATH=/var/lib/kist/secrets.db does "
        "the same";
    CHECK(message_of([] { SampleConfiguration{""}.read(); }) == help);
    CHECK(message_of([] { SampleConfiguration{"{}"}.read(); }) == "kist.json: " + help);
  }

  TEST_CASE("a wrong section is refused with its place, what was found and what is allowed") {
    struct Case {
      std::string_view section, expected;
    };
    const Case cases[] = {
        {R"("pluginz": {})",
         "unknown key 'pluginz'; did you mean 'plugins'? Allowed: deployment_id, secrets_store, "
         "backup_secrets_store, plugins, sealing, workspaces, principals, http, audit, log"},
        {R"("plugins": {"directoriez": []})",
         "unknown key 'directoriez' in 'plugins'; did you mean 'directories'? Allowed: "
         "directories, "
         "trust"},
        {R"("plugins": [])", "'plugins' must be an object, found an array"},
        {R"("plugins": {"directories": "/x"})",
         "'plugins.directories' must be an array, found a string"},
        {R"("plugins": {"directories": [7]})",
         "'plugins.directories[0]' must be a string, found a whole number"},
        {R"("plugins": {"directories": ["x"]})",
         "'plugins.directories[0]' must be an absolute path: code is loaded from there"},
        {R"("plugins": {"directories": [""]})", "'plugins.directories[0]' must not be empty"},
        {R"("plugins": {"directories": ["/x\u0000y"]})",
         "'plugins.directories[0]' must not hold a NUL character"},
        {R"("plugins": {"trust": {"unsinged": 1}})",
         "unknown key 'unsinged' in 'plugins.trust'; did you mean 'unsigned'? Allowed: unsigned, "
         "sha256, ed25519_keys"},
        {R"("plugins": {"trust": {"unsigned": "alow"}})",
         "unknown word 'alow' for 'plugins.trust.unsigned'; did you mean 'allow'? Allowed: allow, "
         "refuse"},
        {R"("plugins": {"trust": {"sha256": {"a.so": "abc"}}})",
         "'plugins.trust.sha256.a.so' must be a SHA-256 of 64 hexadecimal digits in lower case"},
        {R"("plugins": {"trust": {"sha256": {"a\nb": "abc"}}})",
         "a key of 'plugins.trust.sha256' must not be empty, and be UTF-8 without control "
         "characters"},
        {R"("deployment_id": "abc")",
         "'deployment_id' must be a UUID of 32 hexadecimal digits, found 'abc'"},
        {R"("deployment_id": null)", "'deployment_id' must be a string, found null"},
        {R"("deployment_id": "${env:BAD}")",
         "'deployment_id' must be a UUID of 32 hexadecimal digits, found what ${env:BAD} gives"},
        {R"("deployment_id": "${env:NO}")",
         "'deployment_id': ${env:…} names the environment variable 'NO', which is not set"},
        {R"("sealing": {"enabled": 1})",
         "'sealing.enabled' must be true, false or \"auto\", found a whole number"},
        {R"("workspaces": [])", "'workspaces' must name at least one"},
        {R"("workspaces": ["a", "a"])", "'workspaces[1]' has the same name as the workspace 'a'"},
        {R"("workspaces": ["a\u0000"])", "'workspaces[0]' must not hold a NUL character"},
        {R"("workspaces": ["a\n"])", "'workspaces[0]' must be UTF-8 without control characters"},
        {R"("workspaces": ["*"])", "a workspace cannot be named '*': roles mean all of them by it"},
        {R"("workspaces": [true])",
         "'workspaces[0]' must be a name or an object with 'name' and 'id', found a boolean"},
        {R"("workspaces": [{"id": "00000000000000000000000000000007"}])",
         "'workspaces[0]' needs the key 'name'"},
        {R"("principals": [{"name": "a", "rolez": {}}])",
         "unknown key 'rolez' in 'principals[0]'; did you mean 'roles'? Allowed: name, id, "
         "token_hash, token_expires, certificate, socket_uid, roles"},
        {R"("principals": [{"name": "a", "roles": {"defualt": "reader"}}])",
         "unknown workspace 'defualt' in 'principals[0].roles'; did you mean 'default'? Allowed: "
         "*, "
         "default"},
        {R"("principals": [{"name": "a", "roles": {"*": "raeder"}}])",
         "unknown word 'raeder' for 'principals[0].roles.*'; did you mean 'reader'? Allowed: "
         "lister, reader, writer, admin"},
        {R"("principals": [{"name": "a", "socket_uid": -1}])",
         "'principals[0].socket_uid' must be from 0 to 4294967294, found -1"},
        {R"("principals": [{"name": "a", "socket_uid": 1.5}])",
         "'principals[0].socket_uid' must be a whole number, found a number that is no whole one "
         "of "
         "64 bits"},
        {R"("principals": [{"name": "a", "token_hash": 12345}])",
         "'principals[0].token_hash' must be a string, found a whole number"},
        {R"("principals": [{"name": "a", "token_hash": "canary"}])",
         "'principals[0].token_hash' is not what 'kist token new' prints as such, which begins "
         "with 'v1.'"},
        {R"("principals": [{"name": "a", "token_hash": ""}])",
         "'principals[0].token_hash' must not be empty"},
        {R"("principals": [{"name": "a", "token_expires": "2027-01-31T12:00:00Z"}])",
         "'principals[0].token_expires' needs the key 'token_hash' beside it"},
        {R"("principals": [{"name": "a", "token_hash": "${env:HASH}"}, {"name": "b", "token_hash": "${env:HASH}"}])",
         "the principals 'a' and 'b' have the same lookup id in 'token_hash'"},
        {R"("principals": [{"name": "a"}, {"name": "a"}])",
         "the principals 'a' and 'a' have the same 'name'"},
        {R"("principals": [{"name": "a", "socket_uid": 7}, {"name": "b", "socket_uid": 7}])",
         "the principals 'a' and 'b' have the same 'socket_uid'"},
        {R"("http": {"limits": {"body_byte": 1}})",
         "unknown key 'body_byte' in 'http.limits'; did you mean 'body_bytes'? Allowed: "
         "header_bytes, header_count, url_bytes, body_bytes, json_depth, json_nodes, "
         "receive_time_ms, send_time_ms, idle_time_ms, request_time_ms, stop_time_ms, connections, "
         "requests_in_flight, store_threads, requests_per_second, strangers_per_second"},
        {R"("http": {"limits": {"body_bytes": 0}})",
         "'http.limits.body_bytes' must be from 64 to 67108864, found 0"},
        {R"("http": {"tls": {"key": "/k"}})", "'http.tls' needs the key 'certificate'"},
        {R"("audit": {"enabled": "yes"})", "'audit.enabled' must be a boolean, found a string"},
        {R"("audit": {"rotate_bytes": -1})",
         "'audit.rotate_bytes' must be from 0 to 1125899906842624, found -1"},
        {R"("audit": {"rotate_bytes": 1.5})",
         "'audit.rotate_bytes' must be a whole number, found a number that is no whole one of 64 "
         "bits"},
        {R"("audit": {"deadline_ms": 9})", "'audit.deadline_ms' must be from 10 to 60000, found 9"},
        {R"("audit": {"deadline_ms": 60001})",
         "'audit.deadline_ms' must be from 10 to 60000, found 60001"},
        {R"("audit": {"signing_key": ["canary"]})",
         "'audit.signing_key' must be a string, found an array"},
        {R"("log": {"level": "inof"})",
         "unknown word 'inof' for 'log.level'; did you mean 'info'? Allowed: info, trace, debug, "
         "warning, error"},
        {R"("log": {"level": "${env:BAD}"})",
         "unknown word what ${env:BAD} gives for 'log.level'. Allowed: info, trace, debug, "
         "warning, "
         "error"},
        {R"("secrets_store ": {})",
         "unknown key 'secrets_store '; did you mean 'secrets_store'? Allowed: deployment_id, "
         "secrets_store, backup_secrets_store, plugins, sealing, workspaces, principals, http, "
         "audit, log"},
    };
    for (const Case& c : cases) {
      CAPTURE(c.section);
      const SampleConfiguration sample{with_store(c.section),
                                       {{"BAD", "canary"}, {"HASH", kSampleTokenHash}}};
      const std::string message = message_of([&] { sample.read(); });
      CHECK(message.substr(0, 12) == "kist.json:2:");
      CHECK(message.substr(message.find(' ') + 1) == c.expected);
      CHECK(message.find("canary") == std::string::npos);
    }
  }

  TEST_CASE("a time at which a token expires is one, and never no time by accident (AT-14)") {
    const auto read = [](const std::string& json) {
      return SampleConfiguration{
          with_store(R"("principals": [{"name": "a", "token_hash": ")" +
                     std::string(kSampleTokenHash) + R"(", "token_expires": )" + json + "}]"),
          {{"BAD", "canary"}}}
          .read();
    };
    const std::string wrong_times[] = {"2027-01-31",
                                       "2027-01-31T12:00:00",
                                       "2027-02-29T00:00:00Z",
                                       "2027-01-31T24:00:00Z",
                                       "2027-01-31T23:59:60Z",
                                       "12027-01-31T12:00:00Z",
                                       "-2027-01-31T12:00:00Z",
                                       "0",
                                       "-1",
                                       "never",
                                       "NaN",
                                       "90d",
                                       "1969-12-31T23:59:59Z",
                                       "0001-01-01T00:00:00Z",
                                       "1970-01-01T00:00:00+00:01",
                                       "9999-12-31T23:59:59-00:01",
                                       " 2027-01-31T12:00:00Z",
                                       "99999999999999999999",
                                       "2027-01-31T12:00:00Z2027-01-31T12:00:00Z"};
    for (const std::string& text : wrong_times) {
      CAPTURE(text);
      const std::string message = message_of([&] { read("\"" + text + "\""); });
      CHECK(message.substr(0, 12) == "kist.json:2:");
      CHECK(message.substr(message.find(' ') + 1) ==
            "'principals[0].token_expires' must be a time from 1970 to 9999 such as "
            "'2027-01-31T12:00:00Z', found '" +
                text + "'");
    }
    CHECK(message_of([&] { read("\"${env:BAD}\""); }).find("found what ${env:BAD} gives") !=
          std::string::npos);
    for (const std::string json : {"null", "0", "1e99", "-1", "true", "[]", "{}", "\"\""})
      CHECK(message_of([&] { read(json); }).find("'principals[0].token_expires' must") !=
            std::string::npos);
    for (const std::string text : {"1970-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z",
                                   "2027-01-31t12:00:00.5+05:30", "2027-01-31 12:00:00"}) {
      CAPTURE(text);
      CHECK(read("\"" + text + "\"").principals[0].token_expires);
    }
  }

  TEST_CASE(
      "an unknown key is reported where the key stands, a wrong value where the value stands") {
    CHECK(message_of([] { SampleConfiguration{"{\n  \"zzz\": 1\n}"}.read(); }).substr(0, 15) ==
          "kist.json:2:3: ");
    CHECK(message_of([] {
            SampleConfiguration{with_store("  \"log\": 1")}.read();
          }).substr(0, 16) == "kist.json:2:10: ");
  }

  TEST_CASE("the whole file must be an object") {
    CHECK(message_of([] { SampleConfiguration{"[]"}.read(); }) ==
          "kist.json:1:1: the configuration must be an object, found an array");
  }
}
