// SPDX-License-Identifier: Apache-2.0
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "audit/audit_verify.hpp"

namespace {

using namespace kist;
using namespace kist::core;

void require(bool holds) {
  if (!holds) std::abort();
}

AuditPart part_of(std::string_view text) {
  FileDescriptor opened(::memfd_create("audit", MFD_CLOEXEC));
  require(static_cast<bool>(opened));
  require(::write(opened.get(), text.data(), text.size()) == static_cast<::ssize_t>(text.size()));
  AuditPart part;
  part.path = "audit.jsonl";
  part.opened = std::make_shared<const FileDescriptor>(std::move(opened));
  part.bytes = text.size();
  return part;
}

AuditVerification verified(const std::vector<std::string_view>& texts, const SigningKey& key) {
  std::vector<AuditPart> parts;
  for (const std::string_view text : texts) parts.push_back(part_of(text));
  AuditVerifyOptions options;
  options.keys.push_back(key.public_key());
  return verify_audit(parts, options);
}

std::string good_log(const SigningKey& key, const std::string& name) {
  AuditLines lines;
  lines.checkpoint(Timestamp(), "start", key);
  AuditRecord record;
  record.request_id = record.peer = record.principal = record.secret_name = name;
  record.action = "secret.get";
  record.result = "ok";
  for (int i = 0; i < 3; ++i) lines.record(record);
  lines.checkpoint(Timestamp(), "stop", key);
  return std::string(lines.text());
}

/// Nobody without the key writes a checkpoint: what the fuzzer finds has none that passes, and what
/// passes is a whole number of lines.
void check_forged(std::string_view text, const SigningKey& key) {
  const AuditVerification found = verified({text}, key);
  require(found.checkpoints == 0);
  if (found.fault) return require(!found.fault->sentence().empty() && found.fault->line > 0);
  require(found.torn_bytes <= text.size());
  if (found.torn_bytes == 0 || found.torn_bytes == text.size()) return;
  require(text[text.size() - found.torn_bytes - 1] == '\n');
}

/// A log with any name is good, cut in two at any line or not; with `bytes` laid over a part of it,
/// it is not, unless they are its own or lie in its torn end.
void check_made(std::string_view name, std::size_t position, std::string_view bytes,
                const SigningKey& key) {
  const std::string whole = good_log(key, std::string(name));
  const AuditVerification good = verified({whole}, key);
  require(!good.fault && good.records == 3 && good.checkpoints == 2 && good.torn_bytes == 0);
  const std::size_t line_end = whole.find('\n', position % whole.size()) + 1;
  const std::string_view text = whole;
  const AuditVerification halves = verified({text.substr(0, line_end), text.substr(line_end)}, key);
  require(!halves.fault && halves.head == good.head);
  std::string altered = whole;
  altered.replace(position % whole.size(), bytes.size(), bytes);
  if (altered == whole) return;
  const AuditVerification found = verified({altered}, key);
  require(found.fault || (found.torn_bytes > 0 && found.head.sequence < good.head.sequence));
}

}  // namespace

/// The first byte is a position; the rest is a log, a name in one, and what is laid over its lines.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const SigningKey key = SigningKey::make();
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  check_forged(text, key);
  check_made(text.substr(0, 2000), data[0] * std::size_t{17}, text.substr(0, 1 + text.size() % 16),
             key);
  return 0;
}
