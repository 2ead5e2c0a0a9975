// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "sealing/key_encryption_key.hpp"
#include "sealing/keyring.hpp"

namespace kist::core {

/// The first bytes of every envelope. 0xFE stands in no UTF-8, so no text is taken for one.
inline constexpr std::string_view kEnvelopeMagic = "\xFEKST";
inline constexpr char kEnvelopeVersion = 1;
inline constexpr char kAlgorithmAes256Gcm = 1;

/// Before the key id: magic, version, algorithm, size of the key id.
inline constexpr std::size_t kEnvelopeStartBytes = kEnvelopeMagic.size() + 3;

/// What an envelope adds to a value that is sealed with a key of this id.
constexpr std::size_t envelope_overhead(std::size_t key_id_bytes) {
  return kEnvelopeStartBytes + key_id_bytes + kWrappedKeyBytes + kNonceBytes + kTagBytes;
}
inline constexpr std::size_t kMaxEnvelopeOverhead = envelope_overhead(kMaxKeyIdBytes);

/// The parts of an envelope, as docs/internals/envelope.md lays them out. All point into it.
struct Envelope {
  std::string_view header;  ///< All before the nonce: what the key id and the wrapped DEK stand in.
  std::string_view key_id;
  std::string_view wrapped_dek;  ///< kWrappedKeyBytes.
  std::string_view nonce;        ///< kNonceBytes.
  std::string_view sealed;       ///< The ciphertext, and kTagBytes of tag.

  std::size_t value_size() const { return sealed.size() - kTagBytes; }
};

/// Why bytes are no envelope that this version reads.
enum class EnvelopeFault {
  not_sealed,         ///< It does not begin as an envelope: a value that was never sealed.
  unknown_version,    ///< Made by a later version.
  unknown_algorithm,  ///< The same.
  truncated,
  bad_key_id,
};

struct ParsedEnvelope {
  Envelope envelope;
  std::optional<EnvelopeFault> fault;
};

/// Takes bytes apart that somebody else may have written. Opens nothing.
ParsedEnvelope parse_envelope(std::string_view bytes);

/// The end of a sentence: "its envelope is cut off".
std::string_view describe(EnvelopeFault fault);

/// All of an envelope before the nonce.
std::string envelope_header(std::string_view key_id, const WrappedKey& wrapped_dek);

}  // namespace kist::core
