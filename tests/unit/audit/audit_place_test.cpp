// SPDX-License-Identifier: Apache-2.0
#include "audit/audit_place.hpp"

#include <doctest/doctest.h>

#include "../config/message_of.hpp"
#include "audit_fixture.hpp"
#include "audit_sample.hpp"

using namespace kist::core;
using namespace kist::core::testing;

TEST_SUITE("core/audit/audit_place") {
  TEST_CASE(
      "the log lies where it is configured, else beside the deployment, else beside kist.json") {
    AuditSettings settings;
    const DeploymentDirectory deployment{"/var/lib/kist", "the store's option 'path'"};
    CHECK(audit_file(settings, deployment, "/etc/kist") == "/var/lib/kist/kist-audit.jsonl");
    CHECK(audit_file(settings, std::nullopt, "/etc/kist") == "/etc/kist/kist-audit.jsonl");
    settings.file = "/var/log/audit.jsonl";
    CHECK(audit_file(settings, deployment, "/etc/kist") == "/var/log/audit.jsonl");
  }

  TEST_CASE("the key is the configured one, else that beside the log") {
    const TemporaryDirectory directory;
    const auto file = directory.path() / "audit.jsonl";
    AuditSettings settings;
    CHECK(message_of([&] { audit_public_key(settings, file); }) ==
          "cannot open public key file '" + directory.path().native() +
              "/kist-audit-key.pub.pem': No such file or directory");
    const SigningKey made = audit_signing_key(settings, file);
    CHECK(audit_public_key(settings, file).fingerprint() == made.fingerprint());
    settings.signing_key = kist::SecretValue(kSamplePrivateKey);
    const SigningKey configured = audit_signing_key(settings, file);
    CHECK(configured.fingerprint() != made.fingerprint());
    CHECK(audit_public_key(settings, file).fingerprint() == configured.fingerprint());
    settings.signing_key = kist::SecretValue("canary");
    CHECK(message_of([&] {
            audit_signing_key(settings, file);
          }).starts_with("'audit.signing_key' is not PEM"));
  }

  TEST_CASE("what is configured of the log is what it gets") {
    AuditSettings settings;
    settings.rotate_bytes = 7;
    settings.deadline = std::chrono::milliseconds(8);
    const AuditLogSettings log = audit_log_settings(settings, "/x");
    CHECK(log.file == "/x");
    CHECK(log.rotate_bytes == 7);
    CHECK(log.deadline == std::chrono::milliseconds(8));
  }
}
