// SPDX-License-Identifier: Apache-2.0
#include "sealing/sealer.hpp"

#include <array>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include <kist/error.hpp>

#include "sealing/aes_gcm.hpp"
#include "text/printable.hpp"

namespace kist::core {
namespace {

std::string_view bytes_of(const Uuid& id) {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

/// `count` as kNonceBytes, the highest first.
std::array<char, kNonceBytes> nonce_of(std::uint64_t count) {
  std::array<char, kNonceBytes> nonce{};
  for (std::size_t i = kNonceBytes; i-- > kNonceBytes - sizeof(count); count >>= 8)
    nonce[i] = static_cast<char>(count & 0xFF);
  return nonce;
}

[[noreturn]] void refuse(const Uuid& secret_id, std::string_view key, ErrorCode code,
                         std::string_view why) {
  throw Error(code, "secret " + secret_id.to_string() + ": the value of key " + in_quotes(key) +
                        " cannot be opened: " + std::string(why));
}

Envelope envelope_of(const Uuid& secret_id, const SecretValues::Entry& entry) {
  const ParsedEnvelope parsed = parse_envelope(entry.value.reveal());
  if (parsed.fault) refuse(secret_id, entry.key, ErrorCode::corrupt, describe(*parsed.fault));
  return parsed.envelope;
}

}  // namespace

/// One context for each direction, and which DEK it has: secrets that follow one another were
/// mostly sealed with the same.
struct Sealer::Ciphers {
  AesGcm encrypt{AesGcm::Direction::encrypt};
  AesGcm decrypt{AesGcm::Direction::decrypt};
  std::uint64_t encrypt_dek = 0, decrypt_dek = 0;  // Dek::number; 0: no key is set.

  AesGcm& encrypt_with(const Dek& dek) {
    use(encrypt, encrypt_dek, dek);
    return encrypt;
  }
  AesGcm& decrypt_with(const Dek& dek) {
    use(decrypt, decrypt_dek, dek);
    return decrypt;
  }

  /// The associated data in one piece, valid until the next: each piece more is one more call of
  /// OpenSSL, which takes longer than the copy.
  std::string_view joined(std::string_view header, std::string_view deployment_id,
                          const Uuid& secret_id, std::string_view key) {
    associated_.assign(header).append(deployment_id).append(bytes_of(secret_id)).append(key);
    return associated_;
  }

 private:
  /// If the key cannot be set, the cipher has none that anybody may rely on.
  static void use(AesGcm& cipher, std::uint64_t& number, const Dek& dek) {
    if (number == dek.number) return;
    number = 0;
    cipher.set_key(dek.key.view());
    number = dek.number;
  }

  std::string associated_;
};

/// Ciphers for the time of one secret.
class Sealer::Lease {
 public:
  explicit Lease(Sealer& sealer) : sealer_(sealer) {
    {
      const std::lock_guard lock(sealer.mutex_);
      if (!sealer.idle_.empty()) {
        ciphers_ = std::move(sealer.idle_.back());
        sealer.idle_.pop_back();
      }
    }
    if (ciphers_ == nullptr) ciphers_ = std::make_unique<Ciphers>();
  }
  ~Lease() {
    try {
      const std::lock_guard lock(sealer_.mutex_);
      sealer_.idle_.push_back(std::move(ciphers_));
    } catch (const std::bad_alloc&) {
      // Others will be made when there is memory again.
    }
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  Ciphers* operator->() const { return ciphers_.get(); }

 private:
  Sealer& sealer_;
  std::unique_ptr<Ciphers> ciphers_;
};

/// Seals values of one secret, with as many uses of the DEK as were taken.
class Sealer::Sealing {
 public:
  Sealing(Sealer& sealer, const Uuid& secret_id, std::size_t values)
      : sealer_(sealer), secret_id_(secret_id), uses_(sealer.deks_.take(values)), lease_(sealer) {}

  std::size_t overhead() const { return uses_.dek->header.size() + kNonceBytes + kTagBytes; }

  void seal(std::string_view key, SecretView value, char* out) {
    const std::string& header = uses_.dek->header;
    const auto nonce = nonce_of(uses_.first_use++);
    header.copy(out, header.size());
    std::copy(nonce.begin(), nonce.end(), out + header.size());
    lease_->encrypt_with(*uses_.dek)
        .encrypt({nonce.data(), nonce.size()},
                 {lease_->joined(header, sealer_.deks_.deployment_id(), secret_id_, key)},
                 value.reveal(), out + header.size() + nonce.size());
  }

 private:
  Sealer& sealer_;
  const Uuid& secret_id_;
  Deks::Uses uses_;
  Lease lease_;
};

Sealer::Sealer(const Keyring& keyring, const Uuid& deployment_id, DekLimits limits)
    : deks_(keyring, deployment_id, limits) {}
Sealer::~Sealer() = default;

SecretValues Sealer::seal(const Uuid& secret_id, const SecretValues& values) {
  SecretValues sealed;
  if (values.empty()) return sealed;
  Sealing sealing(*this, secret_id, values.size());
  sealed.reserve(values.size(), values.byte_count() + values.size() * sealing.overhead());
  for (const auto [key, value] : values)
    sealing.seal(key, value, sealed.append_value(key, value.size() + sealing.overhead()));
  return sealed;
}

SecretPatch Sealer::seal(const Uuid& secret_id, const SecretPatch& patch) {
  SecretPatch sealed;
  std::size_t sets = 0;
  for (std::size_t i = 0; i < patch.size(); ++i) {
    if (!patch.removes(i)) ++sets;
  }
  std::optional<Sealing> sealing;
  if (sets != 0) {  // A patch that only removes needs no key.
    sealing.emplace(*this, secret_id, sets);
    sealed.reserve(patch.size(), patch.byte_count() + sets * sealing->overhead());
  }
  for (std::size_t i = 0; i < patch.size(); ++i) {
    const std::string_view key = patch.key(i);
    if (patch.removes(i)) {
      sealed.remove(key);
      continue;
    }
    const SecretView value = patch.value(i);
    sealing->seal(key, value, sealed.reserve_value(key, value.size() + sealing->overhead()));
  }
  return sealed;
}

SecretValues Sealer::open(const Uuid& secret_id, const SecretValues& sealed) {
  SecretValues values;
  if (sealed.empty()) return values;
  values.reserve(sealed.size(), sealed.byte_count());
  const Lease lease(*this);
  std::shared_ptr<const Dek> dek;
  for (const auto entry : sealed) {
    const Envelope envelope = envelope_of(secret_id, entry);
    try {
      if (dek == nullptr || dek->header != envelope.header) dek = deks_.unwrap(envelope);
    } catch (const Error& error) {
      refuse(secret_id, entry.key, error.code, error.message());
    }
    const bool opened = lease->decrypt_with(*dek).decrypt(
        envelope.nonce,
        {lease->joined(envelope.header, deks_.deployment_id(), secret_id, entry.key)},
        envelope.sealed, values.append_value(entry.key, envelope.value_size()));
    if (!opened)
      refuse(secret_id, entry.key, ErrorCode::corrupt,
             "it is sealed with key " + in_quotes(envelope.key_id) +
                 ", and was altered or belongs to another secret or key");
  }
  return values;
}

bool Sealer::is_current(SecretView value) const {
  const ParsedEnvelope parsed = parse_envelope(value.reveal());
  return !parsed.fault && parsed.envelope.key_id == keyring().current().id;
}

}  // namespace kist::core
