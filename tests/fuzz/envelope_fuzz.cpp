// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <kist/error.hpp>

#include "sealing/local_key.hpp"
#include "sealing/sealer.hpp"

namespace {

using namespace kist;
using namespace kist::core;

constexpr std::string_view kKey = "password";
const Uuid kDeployment{{0xD0}}, kSecret{{0x5E}};

void require(bool holds) {
  if (!holds) std::abort();
}

Keyring keyring() {
  std::vector<KeyringKey> keys;
  for (const char* const id : {"k1", "k3"})
    keys.push_back({.id = id,
                    .source = "",
                    .kek = std::make_unique<LocalKey>(SecretValue(std::string(kKeyBytes, id[1])))});
  return {std::move(keys), "k1"};
}

SecretValues values_of(std::string_view bytes) {
  SecretValues values;
  values.set(kKey, bytes);
  return values;
}

/// The parts lie one behind the other in `bytes`, and are all of it.
void check_parts(std::string_view bytes) {
  const ParsedEnvelope parsed = parse_envelope(bytes);
  if (parsed.fault) return require(!describe(*parsed.fault).empty());
  const Envelope& envelope = parsed.envelope;
  require(is_key_id(envelope.key_id));
  require(envelope.key_id.data() == bytes.data() + kEnvelopeStartBytes);
  require(envelope.wrapped_dek.data() == envelope.key_id.data() + envelope.key_id.size());
  require(envelope.wrapped_dek.size() == kWrappedKeyBytes);
  require(envelope.header.data() == bytes.data());
  require(envelope.nonce.data() == envelope.wrapped_dek.data() + kWrappedKeyBytes);
  require(envelope.nonce.data() == bytes.data() + envelope.header.size());
  require(envelope.sealed.data() == envelope.nonce.data() + kNonceBytes);
  require(envelope.sealed.data() + envelope.sealed.size() == bytes.data() + bytes.size());
  require(envelope.value_size() + envelope_overhead(envelope.key_id.size()) == bytes.size());
}

/// Nobody makes an envelope without the KEK: all that the fuzzer finds is refused.
void check_forged(Sealer& sealer, std::string_view bytes) {
  try {
    sealer.open(kSecret, values_of(bytes));
  } catch (const Error& refusal) {
    if (refusal.code == ErrorCode::corrupt || refusal.code == ErrorCode::failed_precondition)
      return;
  }
  std::abort();
}

/// What was sealed opens, and no longer does with `bytes` laid over a part of it.
void check_made(Sealer& sealer, std::string_view value, std::size_t position,
                std::string_view bytes) {
  const SecretValues sealed = sealer.seal(kSecret, values_of(value));
  require(sealer.open(kSecret, sealed).find(kKey)->reveal() == value);
  const std::string whole(sealed.find(kKey)->reveal());
  std::string altered = whole;
  altered.replace(position % whole.size(), bytes.size(), bytes);
  if (altered != whole) check_forged(sealer, altered);
}

}  // namespace

/// The first byte is a position; the rest is an envelope, a value, and what is laid over its own.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Keyring ring = keyring();
  static Sealer sealer(ring, kDeployment);
  if (size == 0) return 0;
  // At the very end of what it owns, so that ASan sees a read behind it.
  const std::vector<char> owned(data + 1, data + size);
  const std::string_view bytes(owned.data(), owned.size());
  check_parts(bytes);
  check_forged(sealer, bytes);
  check_made(sealer, bytes, data[0], bytes.substr(0, 1 + bytes.size() % 16));
  return 0;
}
