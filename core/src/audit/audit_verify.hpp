// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/audit_files.hpp"
#include "audit/audit_line.hpp"
#include "audit/signing_key.hpp"

namespace kist::core {

/// The first line that is not as it was written.
struct AuditFault {
  std::filesystem::path file;
  std::uint64_t line = 0;      ///< In the file, from 1.
  std::uint64_t sequence = 0;  ///< That is wrong: altered, missing, or there once more.
  std::string what;            ///< "was altered: its hash is not that of its text".

  /// "line 7 of audit file '…', sequence 7: " and what.
  std::string sentence() const;
};

/// Reads "SEQUENCE:HASH", as the host says it of each checkpoint.
std::optional<AuditHead> parse_audit_head(std::string_view text);

struct AuditVerifyOptions {
  std::vector<PublicKey> keys = {};  ///< Of which one has signed each checkpoint; none: all pass.
  std::vector<AuditHead> expected = {};  ///< Lines that must be there.
  /// Called now and then with how many bytes were read; may throw, to end it.
  std::function<void(std::uint64_t bytes)> advanced = {};
};

struct AuditVerification {
  std::uint64_t records = 0, checkpoints = 0, cuts = 0;
  std::uint64_t first_sequence = 0;
  std::string first_time, last_time;
  AuditHead head;                      ///< Of the last good line.
  std::uint64_t since_checkpoint = 0;  ///< Lines behind the last checkpoint: nobody signed them.
  std::vector<std::string> signers;    ///< Fingerprints, each once.
  std::vector<std::uint64_t> losses;   ///< Sequences at which a host found the log before gone.
  std::uint64_t torn_bytes = 0;        ///< Behind the last line: a crash, or it is being written.
  std::optional<AuditFault> fault;     ///< Nothing: all is as it was written.

  /// There is no line, so that nothing could be verified.
  bool is_empty() const { return !fault && first_sequence == 0; }
};

/// Reads all parts, which lie in their order, up to the first fault, in bounded memory.
/// Errors: not_found: an expected line is older than the first one; permission_denied; unavailable.
AuditVerification verify_audit(const std::vector<AuditPart>& parts,
                               const AuditVerifyOptions& options);

}  // namespace kist::core
