// SPDX-License-Identifier: Apache-2.0
#include "sealing/envelope.hpp"

namespace kist::core {

ParsedEnvelope parse_envelope(std::string_view bytes) {
  if (!bytes.starts_with(kEnvelopeMagic)) return {{}, EnvelopeFault::not_sealed};
  if (bytes.size() < kEnvelopeStartBytes) return {{}, EnvelopeFault::truncated};
  const std::size_t start = kEnvelopeMagic.size();
  if (bytes[start] != kEnvelopeVersion) return {{}, EnvelopeFault::unknown_version};
  if (bytes[start + 1] != kAlgorithmAes256Gcm) return {{}, EnvelopeFault::unknown_algorithm};
  const auto id_bytes = static_cast<unsigned char>(bytes[start + 2]);
  if (bytes.size() < envelope_overhead(id_bytes)) return {{}, EnvelopeFault::truncated};
  const std::size_t header_bytes = kEnvelopeStartBytes + id_bytes + kWrappedKeyBytes;
  Envelope envelope;
  envelope.header = bytes.substr(0, header_bytes);
  envelope.key_id = bytes.substr(kEnvelopeStartBytes, id_bytes);
  envelope.wrapped_dek = bytes.substr(kEnvelopeStartBytes + id_bytes, kWrappedKeyBytes);
  envelope.nonce = bytes.substr(header_bytes, kNonceBytes);
  envelope.sealed = bytes.substr(header_bytes + kNonceBytes);
  if (!is_key_id(envelope.key_id)) return {{}, EnvelopeFault::bad_key_id};
  return {envelope, std::nullopt};
}

std::string_view describe(EnvelopeFault fault) {
  switch (fault) {
    case EnvelopeFault::not_sealed:
      return "it is not sealed, so it was stored before sealing was switched on ('kist keys rewrap "
             "--seal-unsealed' seals such values), or by somebody else";
    case EnvelopeFault::unknown_version:
      return "its envelope has a version that this host does not know";
    case EnvelopeFault::unknown_algorithm:
      return "its envelope has an algorithm that this host does not know";
    case EnvelopeFault::truncated:
      return "its envelope is cut off";
    case EnvelopeFault::bad_key_id:
      return "its envelope has no sound key id";
  }
  return "it is no envelope";
}

std::string envelope_header(std::string_view key_id, const WrappedKey& wrapped_dek) {
  std::string header(kEnvelopeMagic);
  header += kEnvelopeVersion;
  header += kAlgorithmAes256Gcm;
  header += static_cast<char>(key_id.size());
  header += key_id;
  header.append(wrapped_dek.data(), wrapped_dek.size());
  return header;
}

}  // namespace kist::core
