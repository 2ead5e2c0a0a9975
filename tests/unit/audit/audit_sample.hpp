// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "audit/audit_line.hpp"
#include "secrets/time_text.hpp"

namespace kist::core::testing {

/// The key of the worked example in docs/internals/audit-log.md: the bytes 00 to 1f.
constexpr std::string_view kSamplePrivateKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n"
    "-----END PRIVATE KEY-----\n";

inline Timestamp sample_time(std::string_view text) { return parse_time(text)->time; }

/// The first record of the worked example.
inline AuditRecord worked_record() {
  return {.time = sample_time("2026-03-01T12:00:00.000007Z"),
          .request_id = "0123456789abcdef",
          .peer = "127.0.0.1:51234",
          .principal = "alice",
          .action = "secret.get",
          .secret_id = Uuid::parse("6ba7b8109dad41d180b400c04fd430c8"),
          .secret_name = "db/password",
          .status = 200,
          .result = "ok"};
}

/// The worked example: four lines, one of them with a name that fights back.
inline std::string sample_log() {
  const SigningKey key = SigningKey::parse(SecretView(kSamplePrivateKey), "the sample key");
  AuditLines lines;
  lines.checkpoint(sample_time("2026-03-01T12:00:00Z"), "start", key);
  AuditRecord record = worked_record();
  lines.record(record);
  record.time = sample_time("2026-03-01T12:00:01.5Z");
  record.principal = "";
  record.secret_id = {};
  record.secret_name = "a\"\\\n\x1b[31m\u2028\xff";
  record.status = 404;
  record.result = "not_found";
  lines.record(record);
  lines.checkpoint(sample_time("2026-03-01T12:00:02Z"), "stop", key);
  return std::string(lines.text());
}

}  // namespace kist::core::testing
