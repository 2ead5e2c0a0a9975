// SPDX-License-Identifier: Apache-2.0
#include "sealing/pkcs11_session.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <p11-kit/p11-kit.h>

#include <kist/error.hpp>

#include "sealing/pkcs11_module.hpp"
#include "sealing/random_bytes.hpp"
#include "text/printable.hpp"

namespace kist::core {
namespace {

constexpr std::size_t kSealedBytes = kWrappedKeyBytes - kNonceBytes;
/// A token may ask for more room than its answer fills: SoftHSM does, to unwrap.
constexpr std::size_t kRoomBytes = 2 * kSealedBytes;

Error failure(const Pkcs11Settings& settings, ErrorCode code, const std::string& what) {
  return {code, describe(settings) + ": " + what};
}

void require(CK_RV answer, const Pkcs11Settings& settings, const char* action) {
  if (answer == CKR_OK) return;
  throw failure(settings, ErrorCode::unavailable,
                "cannot " + std::string(action) + ": " + answer_text(answer));
}

/// PKCS#11 fills a label with blanks.
std::string label_of(const CK_TOKEN_INFO& info) {
  return {reinterpret_cast<const char*>(info.label),
          p11_kit_space_strlen(info.label, sizeof info.label)};
}

std::vector<CK_SLOT_ID> slots_with_token(const CK_FUNCTION_LIST& functions,
                                         const Pkcs11Settings& settings) {
  std::vector<CK_SLOT_ID> slots;
  CK_RV answer = CKR_BUFFER_TOO_SMALL;
  // A token may come between asking how many there are and asking which.
  for (int i = 0; i < 3 && answer == CKR_BUFFER_TOO_SMALL; ++i) {
    CK_ULONG count = 0;
    require(functions.C_GetSlotList(CK_TRUE, nullptr, &count), settings, "list the tokens");
    slots.resize(count);
    answer = functions.C_GetSlotList(CK_TRUE, slots.data(), &count);
    if (answer == CKR_OK) slots.resize(count);
  }
  require(answer, settings, "list the tokens");
  return slots;
}

bool is_about_the_pin(CK_RV answer) {
  switch (answer) {
    case CKR_PIN_INCORRECT:
    case CKR_PIN_INVALID:
    case CKR_PIN_LEN_RANGE:
    case CKR_PIN_EXPIRED:
    case CKR_PIN_LOCKED:
    case CKR_USER_PIN_NOT_INITIALIZED:
    case CKR_ARGUMENTS_BAD:  // SoftHSM, for a PIN that is empty.
      return true;
    default:
      return false;
  }
}

/// Whether a token that answers this to AES-GCM always will.
bool is_beyond_it(CK_RV answer) {
  return answer == CKR_MECHANISM_INVALID || answer == CKR_MECHANISM_PARAM_INVALID ||
         answer == CKR_DATA_LEN_RANGE;
}

// The interface is older than const: no module writes to what comes in.
CK_BYTE_PTR bytes_of(std::string_view text) {
  return const_cast<CK_BYTE_PTR>(reinterpret_cast<const CK_BYTE*>(text.data()));
}
CK_BYTE_PTR bytes_of(char* memory) { return reinterpret_cast<CK_BYTE_PTR>(memory); }

/// CKM_AES_GCM and its parameters, which it points to.
class GcmMechanism {
 public:
  GcmMechanism(const WrappedKey& wrapped, std::string_view associated)
      : parameters_{bytes_of(std::string_view(wrapped.data(), kNonceBytes)),
                    kNonceBytes,
                    8 * kNonceBytes,
                    bytes_of(associated),
                    associated.size(),
                    8 * kTagBytes},
        mechanism_{CKM_AES_GCM, &parameters_, sizeof parameters_} {}
  GcmMechanism(const GcmMechanism&) = delete;
  GcmMechanism& operator=(const GcmMechanism&) = delete;

  CK_MECHANISM* get() { return &mechanism_; }

 private:
  CK_GCM_PARAMS parameters_;
  CK_MECHANISM mechanism_;
};

}  // namespace

Pkcs11Session::Handle::~Handle() {
  if (number != 0) functions.C_CloseSession(number);
}

Pkcs11Session::Pkcs11Session(const CK_FUNCTION_LIST& functions, const Pkcs11Settings& settings)
    : functions_(functions), session_(functions) {
  const Token token = find_token(settings);
  require(
      functions_.C_OpenSession(token.slot, CKF_SERIAL_SESSION, nullptr, nullptr, &session_.number),
      settings, "open a session");
  log_in(token, settings);
  key_ = find_key(settings);
  check_key(settings);
  if (const CK_RV answer = probe(); answer != CKR_OK)
    throw failure(settings,
                  is_beyond_it(answer) ? ErrorCode::failed_precondition : ErrorCode::unavailable,
                  "cannot wrap and unwrap with CKM_AES_GCM: " + answer_text(answer));
}

Pkcs11Session::Token Pkcs11Session::find_token(const Pkcs11Settings& settings) const {
  std::vector<Token> found;
  std::string present;
  for (const CK_SLOT_ID slot : slots_with_token(functions_, settings)) {
    CK_TOKEN_INFO info{};
    if (functions_.C_GetTokenInfo(slot, &info) != CKR_OK) continue;  // It has just been taken out.
    if ((info.flags & CKF_TOKEN_INITIALIZED) == 0) continue;
    const std::string label = label_of(info);
    if (label == settings.token) found.push_back({slot, info.flags});
    present += (present.empty() ? "" : ", ") + in_quotes(label);
  }
  if (found.empty())
    throw failure(settings, ErrorCode::unavailable,
                  "there is no such token; present: " + (present.empty() ? "none" : present));
  if (found.size() > 1)
    throw failure(settings, ErrorCode::failed_precondition,
                  std::to_string(found.size()) + " tokens have this label; expected one");
  return found.front();
}

void Pkcs11Session::log_in(const Token& token, const Pkcs11Settings& settings) const {
  if ((token.flags & CKF_LOGIN_REQUIRED) == 0) return;
  if ((token.flags & CKF_USER_PIN_FINAL_TRY) != 0)
    throw failure(settings, ErrorCode::failed_precondition,
                  "the PIN is not tried, because one wrong PIN more locks the token; log in once "
                  "by other means");
  const std::string_view pin = settings.pin.reveal();
  const CK_RV answer = functions_.C_Login(session_.number, CKU_USER, bytes_of(pin), pin.size());
  if (answer == CKR_USER_ALREADY_LOGGED_IN) return;  // A login is the process's.
  if (is_about_the_pin(answer))
    throw failure(settings, ErrorCode::store_denied,
                  "the token refuses the PIN: " + answer_text(answer));
  require(answer, settings, "log in");
}

CK_OBJECT_HANDLE Pkcs11Session::find_key(const Pkcs11Settings& settings) const {
  CK_OBJECT_CLASS object_class = CKO_SECRET_KEY;
  CK_ATTRIBUTE wanted[] = {
      {CKA_CLASS, &object_class, sizeof object_class},
      {CKA_LABEL, bytes_of(std::string_view(settings.label)), settings.label.size()},
  };
  require(functions_.C_FindObjectsInit(session_.number, wanted, std::size(wanted)), settings,
          "look for the key");
  std::array<CK_OBJECT_HANDLE, 2> found{};
  CK_ULONG count = 0;
  const CK_RV answer =
      functions_.C_FindObjects(session_.number, found.data(), found.size(), &count);
  functions_.C_FindObjectsFinal(session_.number);
  require(answer, settings, "look for the key");
  if (count == 0)
    throw failure(settings, ErrorCode::failed_precondition,
                  "the token has no secret key with this label");
  if (count > 1)
    throw failure(settings, ErrorCode::failed_precondition,
                  "the token has several secret keys with this label; expected one");
  return found.front();
}

template <class Value>
std::optional<Value> Pkcs11Session::attribute(CK_ATTRIBUTE_TYPE type) const {
  Value value{};
  CK_ATTRIBUTE asked{type, &value, sizeof value};
  if (functions_.C_GetAttributeValue(session_.number, key_, &asked, 1) != CKR_OK ||
      asked.ulValueLen != sizeof value)
    return std::nullopt;
  return value;
}

void Pkcs11Session::check_key(const Pkcs11Settings& settings) const {
  const auto refuse = [&](const std::string& why) {
    throw failure(settings, ErrorCode::failed_precondition, why);
  };
  if (attribute<CK_KEY_TYPE>(CKA_KEY_TYPE) != CKK_AES)
    refuse("the key is no AES key (CKA_KEY_TYPE is not CKK_AES)");
  const CK_ULONG size = attribute<CK_ULONG>(CKA_VALUE_LEN).value_or(0);
  if (size != kKeyBytes)
    refuse("the key has " + std::to_string(size) + " bytes; expected " + std::to_string(kKeyBytes));
  if (attribute<CK_BBOOL>(CKA_ENCRYPT) != CK_TRUE)
    refuse("the key may not encrypt; expected CKA_ENCRYPT and CKA_DECRYPT");
  if (attribute<CK_BBOOL>(CKA_DECRYPT) != CK_TRUE)
    refuse("the key may not decrypt; expected CKA_ENCRYPT and CKA_DECRYPT");
  if (attribute<CK_BBOOL>(CKA_SENSITIVE) != CK_TRUE &&
      attribute<CK_BBOOL>(CKA_EXTRACTABLE) != CK_FALSE)
    refuse(
        "the token gives the key out in plain to whoever logs in; expected CKA_SENSITIVE, or no "
        "CKA_EXTRACTABLE");
}

CK_RV Pkcs11Session::wrap(SecretView dek, std::string_view associated, WrappedKey& wrapped) const {
  fill_with_random_bytes(wrapped.data(), kNonceBytes);
  GcmMechanism mechanism(wrapped, associated);
  CK_RV answer = functions_.C_EncryptInit(session_.number, mechanism.get(), key_);
  if (answer != CKR_OK) return answer;
  std::array<char, kRoomBytes> sealed;
  CK_ULONG size = sealed.size();
  answer = functions_.C_Encrypt(session_.number, bytes_of(dek.reveal()), dek.size(),
                                bytes_of(sealed.data()), &size);
  if (answer != CKR_OK) return answer;
  if (size != kSealedBytes) return CKR_DATA_LEN_RANGE;
  std::copy_n(sealed.begin(), size, wrapped.begin() + kNonceBytes);
  return CKR_OK;
}

CK_RV Pkcs11Session::unwrap(const WrappedKey& wrapped, std::string_view associated,
                            SecretValue& dek) const {
  GcmMechanism mechanism(wrapped, associated);
  CK_RV answer = functions_.C_DecryptInit(session_.number, mechanism.get(), key_);
  if (answer != CKR_OK) return answer;
  const std::string_view sealed(wrapped.data() + kNonceBytes, kSealedBytes);
  CK_ULONG size = kRoomBytes;
  const SecretValue room = SecretValue::written(kRoomBytes, [&](char* memory) {
    answer = functions_.C_Decrypt(session_.number, bytes_of(sealed), sealed.size(),
                                  bytes_of(memory), &size);
  });
  if (answer != CKR_OK) return answer;
  if (size != kKeyBytes) return CKR_ENCRYPTED_DATA_LEN_RANGE;
  dek = SecretValue(room.reveal().substr(0, size));
  return CKR_OK;
}

CK_RV Pkcs11Session::probe() const {
  const std::string expected(kKeyBytes, '\0');
  constexpr std::string_view associated = "kist-probe-1";
  WrappedKey wrapped;
  SecretValue found;
  CK_RV answer = wrap(SecretView(expected), associated, wrapped);
  if (answer == CKR_OK) answer = unwrap(wrapped, associated, found);
  return answer == CKR_OK && found.reveal() != expected ? CKR_FUNCTION_FAILED : answer;
}

}  // namespace kist::core
