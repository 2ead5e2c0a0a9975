// SPDX-License-Identifier: Apache-2.0
// Prints an audit log for decode_audit.py, a decoder of its own: with --sample the worked example
// of docs/internals/audit-log.md, else one with names of every kind of byte.

#include "audit_sample.hpp"

#include <cstdio>
#include <string>
#include <string_view>

using namespace kist::core;

namespace {

std::string log_of_every_byte() {
  const SigningKey key =
      SigningKey::parse(kist::SecretView(testing::kSamplePrivateKey), "the sample key");
  AuditLines lines;
  lines.checkpoint(testing::sample_time("2026-03-01T12:00:00Z"), "start", key);
  for (int byte = 0; byte < 256; ++byte) {
    AuditRecord record;
    record.time = testing::sample_time("2024-02-29T23:59:59.999999Z");
    record.secret_name = "name " + std::string(1, static_cast<char>(byte)) + " of a secret";
    record.request_id = std::string(static_cast<std::size_t>(byte) * 8, '"');
    record.action = "secret.create";
    record.result = "ok";
    lines.record(record);
  }
  lines.cut(testing::sample_time("2026-03-01T12:00:00Z"), 17);
  lines.checkpoint(testing::sample_time("2026-03-01T12:00:00Z"), "stop", key);
  return std::string(lines.text());
}

}  // namespace

int main(int argc, char** argv) {
  const bool sample = argc > 1 && std::string_view(argv[1]) == "--sample";
  const std::string text = sample ? testing::sample_log() : log_of_every_byte();
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? 0 : 1;
}
