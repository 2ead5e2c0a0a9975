// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <openssl/types.h>

#include "audit/audit_record.hpp"
#include "audit/signing_key.hpp"

namespace kist::core {

// docs/internals/audit-log.md is the format.

inline constexpr std::size_t kAuditHashDigits = 64;
inline constexpr std::size_t kAuditTextBytesMax = 1024;       ///< Of one text, before its escapes.
inline constexpr std::size_t kAuditLineBytesMax = 64 * 1024;  ///< With its line end.

/// SHA-256 in hexadecimal digits.
using AuditHash = std::array<char, kAuditHashDigits>;

/// That of the line before the first one.
constexpr AuditHash no_audit_hash() {
  AuditHash hash{};
  hash.fill('0');
  return hash;
}

inline std::string_view text_of(const AuditHash& hash) { return {hash.data(), hash.size()}; }

/// Where a chain of lines ends.
struct AuditHead {
  std::uint64_t sequence = 0;  ///< 0: there is no line.
  AuditHash hash = no_audit_hash();

  friend bool operator==(const AuditHead&, const AuditHead&) = default;
};

/// SHA-256 by OpenSSL, fetched once. One thread at a time. Errors: internal.
class AuditHasher {
 public:
  AuditHasher();
  AuditHash hash(std::string_view bytes);

 private:
  struct Free {
    void operator()(EVP_MD* algorithm) const noexcept;
    void operator()(EVP_MD_CTX* context) const noexcept;
  };
  std::unique_ptr<EVP_MD, Free> algorithm_;
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

/// Writes lines one behind the other into memory of its own, each chained to the one before it.
/// Allocates nothing once that memory is as large as the largest batch. One thread at a time.
class AuditLines {
 public:
  explicit AuditLines(const AuditHead& head = {}) : head_(head) {}

  void record(const AuditRecord& record);
  /// `reason`: "start", "lost", "records", "time", "file", "rotation", "recovered", "stop".
  void checkpoint(Timestamp time, std::string_view reason, const SigningKey& key);
  /// So many bytes of a line that a crash has left were cut off.
  void cut(Timestamp time, std::uint64_t bytes);

  /// What was written since clear().
  std::string_view text() const { return {buffer_.data(), size_}; }
  void clear() { size_ = 0; }
  const AuditHead& head() const { return head_; }
  /// Forgets what was written behind `head`.
  void back_to(const AuditHead& head);

 private:
  char* begin(std::size_t bytes_max);
  char* put_start(char* out, Timestamp time, std::string_view kind);
  char* put_time(char* out, Timestamp time);
  void finish(char* out);

  AuditHasher hasher_;
  AuditHead head_;
  std::string buffer_;  // As long as there is memory.
  std::size_t size_ = 0;
  std::int64_t second_ = INT64_MIN;     // That second_text_ says.
  std::array<char, 20> second_text_{};  // "2026-03-01T12:00:00.".
};

/// The parts of a line, which lie in it.
struct ParsedAuditLine {
  std::uint64_t sequence = 0;
  std::string_view time, kind;
  std::string_view previous, hash;  ///< Digits.
  std::string_view hashed;          ///< What the hash is of.
  // Of a checkpoint:
  std::string_view reason;
  std::string_view key;      ///< Fingerprint.
  std::string_view signed_;  ///< What the signature is of, behind kAuditSignaturePrefix.
  Signature signature{};

  bool is_checkpoint() const { return kind == "checkpoint"; }
  /// Whether a file can begin with it.
  bool can_be_first() const {
    return kind == "cut" || reason == "start" || reason == "lost" || reason == "file";
  }
};

/// Stands before the bytes that are signed, so that no signature means anything elsewhere.
inline constexpr std::string_view kAuditSignaturePrefix = "kist-audit-checkpoint-1\n";

/// Takes a line without its line end apart. Nothing: it has not the form of one; whether its hash
/// is right, and what else a record says, is not looked at.
std::optional<ParsedAuditLine> parse_audit_line(std::string_view line);

/// The same, of a line that is what its hash says.
std::optional<ParsedAuditLine> parse_good_audit_line(std::string_view line, AuditHasher& hasher);

/// Whether somebody with this key has signed the checkpoint.
bool is_signed_by(const ParsedAuditLine& checkpoint, const PublicKey& key);

}  // namespace kist::core
