// SPDX-License-Identifier: Apache-2.0
#include "sealing/pkcs11_key.hpp"

#include <utility>

#include <kist/error.hpp>

#include "sealing/pkcs11_module.hpp"
#include "sealing/pkcs11_session.hpp"
#include "text/printable.hpp"

namespace kist::core {

std::string describe(const Pkcs11Settings& settings) {
  return "PKCS#11 token " + in_quotes(settings.token) + ", key " + in_quotes(settings.label);
}

Pkcs11Key::Pkcs11Key(Pkcs11Settings settings)
    : settings_(std::move(settings)),
      module_(std::make_unique<Pkcs11Module>(settings_.module)),
      session_(std::make_unique<Pkcs11Session>(module_->functions(), settings_)) {}

Pkcs11Key::~Pkcs11Key() = default;

void Pkcs11Key::reopen() const {
  if (pin_is_refused_)
    throw Error(ErrorCode::unavailable,
                describe(settings_) +
                    ": the token has refused the PIN, which is not tried again before a restart");
  try {
    session_ = std::make_unique<Pkcs11Session>(module_->functions(), settings_);
  } catch (const Error& error) {
    pin_is_refused_ = error.code == ErrorCode::store_denied;
    throw Error(ErrorCode::unavailable, std::string(error.message()));
  }
}

template <class Attempt>
void Pkcs11Key::ask(Attempt attempt) const {
  const std::scoped_lock lock(mutex_);
  CK_RV answer = CKR_OK;
  if (session_ != nullptr) {
    answer = attempt(*session_);
    if (answer == CKR_OK) return;
    session_.reset();  // First: a token may have few sessions to give.
  }
  reopen();
  answer = attempt(*session_);
  if (answer == CKR_OK) return;
  session_.reset();
  throw Error(ErrorCode::unavailable,
              describe(settings_) + ": the token fails: " + answer_text(answer));
}

WrappedKey Pkcs11Key::wrap(SecretView dek, std::string_view associated) const {
  WrappedKey wrapped;
  ask([&](const Pkcs11Session& session) { return session.wrap(dek, associated, wrapped); });
  return wrapped;
}

std::optional<SecretValue> Pkcs11Key::unwrap(const WrappedKey& wrapped,
                                             std::string_view associated) const {
  std::optional<SecretValue> opened;
  ask([&](const Pkcs11Session& session) {
    SecretValue dek;
    CK_RV answer = session.unwrap(wrapped, associated, dek);
    if (answer != CKR_OK && session.probe() == CKR_OK) {
      // Tokens have no one answer for a tag that does not fit, and SoftHSM's is the general one. A
      // token that opens what it has just wrapped is well: if it refuses this a second time, this
      // is what is wrong.
      answer = session.unwrap(wrapped, associated, dek);
      if (answer != CKR_OK) return CKR_OK;
    }
    if (answer == CKR_OK) opened = std::move(dek);
    return answer;
  });
  return opened;
}

}  // namespace kist::core
