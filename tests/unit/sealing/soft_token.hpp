// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <p11-kit/p11-kit.h>

#include "sealing/pkcs11_module.hpp"

namespace kist::test {

inline constexpr std::string_view kPin = "4711-pin", kOfficerPin = "officer-0815";

/// A key to be made on a token: as Kist wants it, but for what a test changes.
struct SoftKey {
  std::string label = "k1";
  CK_KEY_TYPE type = CKK_AES;
  std::string value = std::string(32, 'K');
  CK_BBOOL may_encrypt = CK_TRUE, may_decrypt = CK_TRUE;
  CK_BBOOL is_sensitive = CK_TRUE, is_extractable = CK_FALSE;
};

/// SoftHSM2, with tokens in a directory of its own. Kept initialised for as long as this lives;
/// one at a time, for SoftHSM reads where its tokens are when it is initialised.
class SoftHsm {
 public:
  SoftHsm()
      : directory_(make_directory()),
        module_(KIST_TEST_SOFTHSM2),
        // The module's own, which also reach the sessions of others.
        functions_(p11_kit_module_load(KIST_TEST_SOFTHSM2, P11_KIT_MODULE_UNMANAGED)) {}
  SoftHsm(const SoftHsm&) = delete;
  SoftHsm& operator=(const SoftHsm&) = delete;
  ~SoftHsm() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  const std::filesystem::path& directory() const { return directory_; }

  void add_token(std::string_view label) { initialise(free_slot(), label); }

  /// Takes away what is on the token `label`, on which nobody has a session, and makes it one that
  /// is called `name`.
  void replace_token(std::string_view label, std::string_view name) {
    initialise(slot_of(label), name);
  }

  void change_pin(std::string_view label, std::string_view pin) {
    const Login officer(*this, slot_of(label), CKU_SO, kOfficerPin);
    require(functions().C_InitPIN(officer.session, bytes_of(pin), pin.size()), "C_InitPIN");
  }

  void add_key(std::string_view token, const SoftKey& key = {}) {
    const Login user(*this, slot_of(token), CKU_USER, kPin);
    CK_OBJECT_CLASS object_class = CKO_SECRET_KEY;
    CK_KEY_TYPE type = key.type;
    CK_BBOOL yes = CK_TRUE, encrypt = key.may_encrypt, decrypt = key.may_decrypt,
             sensitive = key.is_sensitive, extractable = key.is_extractable;
    CK_ATTRIBUTE attributes[] = {
        {CKA_CLASS, &object_class, sizeof object_class},
        {CKA_KEY_TYPE, &type, sizeof type},
        {CKA_VALUE, bytes_of(key.value), key.value.size()},
        {CKA_LABEL, bytes_of(key.label), key.label.size()},
        {CKA_TOKEN, &yes, sizeof yes},
        {CKA_PRIVATE, &yes, sizeof yes},
        {CKA_ENCRYPT, &encrypt, sizeof encrypt},
        {CKA_DECRYPT, &decrypt, sizeof decrypt},
        {CKA_SENSITIVE, &sensitive, sizeof sensitive},
        {CKA_EXTRACTABLE, &extractable, sizeof extractable},
    };
    CK_OBJECT_HANDLE made = 0;
    require(functions().C_CreateObject(user.session, attributes, std::size(attributes), &made),
            "C_CreateObject");
  }

  /// As an administrator makes a key: nobody ever sees it.
  void generate_key(std::string_view token, std::string_view label) {
    const Login user(*this, slot_of(token), CKU_USER, kPin);
    CK_MECHANISM mechanism{CKM_AES_KEY_GEN, nullptr, 0};
    CK_ULONG size = 32;
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_ATTRIBUTE attributes[] = {
        {CKA_VALUE_LEN, &size, sizeof size}, {CKA_LABEL, bytes_of(label), label.size()},
        {CKA_TOKEN, &yes, sizeof yes},       {CKA_PRIVATE, &yes, sizeof yes},
        {CKA_ENCRYPT, &yes, sizeof yes},     {CKA_DECRYPT, &yes, sizeof yes},
        {CKA_SENSITIVE, &yes, sizeof yes},   {CKA_EXTRACTABLE, &no, sizeof no},
    };
    CK_OBJECT_HANDLE made = 0;
    require(functions().C_GenerateKey(user.session, &mechanism, attributes, std::size(attributes),
                                      &made),
            "C_GenerateKey");
  }

  /// What the token answers to the user who asks for the bytes of its only key.
  CK_RV answer_to_reading_the_key(std::string_view token) {
    const Login user(*this, slot_of(token), CKU_USER, kPin);
    CK_OBJECT_HANDLE key = 0;
    CK_ULONG count = 0;
    require(functions().C_FindObjectsInit(user.session, nullptr, 0), "C_FindObjectsInit");
    require(functions().C_FindObjects(user.session, &key, 1, &count), "C_FindObjects");
    require(functions().C_FindObjectsFinal(user.session), "C_FindObjectsFinal");
    if (count != 1) throw std::runtime_error("there is no key");
    char bytes[64];
    CK_ATTRIBUTE value{CKA_VALUE, bytes, sizeof bytes};
    return functions().C_GetAttributeValue(user.session, key, &value, 1);
  }

  /// As another part of the process may, and as it is when a token is pulled out.
  void close_all_sessions(std::string_view token) {
    require(functions().C_CloseAllSessions(slot_of(token)), "C_CloseAllSessions");
  }
  void log_out(std::string_view token) {
    CK_SESSION_HANDLE session = 0;
    const CK_SLOT_ID slot = slot_of(token);
    require(functions().C_OpenSession(slot, CKF_SERIAL_SESSION, nullptr, nullptr, &session),
            "C_OpenSession");
    require(functions().C_Logout(session), "C_Logout");
    functions().C_CloseSession(session);
  }
  /// Whether somebody has given a wrong PIN since the last right one.
  bool has_seen_a_wrong_pin(std::string_view token) {
    return (info_of(slot_of(token)).flags & CKF_USER_PIN_COUNT_LOW) != 0;
  }
  void log_in_once(std::string_view token, std::string_view pin) {
    const Login user(*this, slot_of(token), CKU_USER, pin);
  }

 private:
  struct Login {
    Login(SoftHsm& of, CK_SLOT_ID slot, CK_USER_TYPE who, std::string_view pin) : hsm(of) {
      require(hsm.functions().C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr,
                                            nullptr, &session),
              "C_OpenSession");
      const CK_RV answer = hsm.functions().C_Login(session, who, bytes_of(pin), pin.size());
      if (answer != CKR_USER_ALREADY_LOGGED_IN) require(answer, "C_Login");
    }
    Login(const Login&) = delete;
    Login& operator=(const Login&) = delete;
    ~Login() { hsm.functions().C_CloseSession(session); }
    SoftHsm& hsm;
    CK_SESSION_HANDLE session = 0;
  };

  static std::filesystem::path make_directory() {
    std::string path = (std::filesystem::temp_directory_path() / "kist-token-XXXXXX").native();
    if (::mkdtemp(path.data()) == nullptr) throw std::runtime_error("cannot make " + path);
    std::ofstream(path + "/softhsm2.conf")
        << "directories.tokendir = " << path << "\nobjectstore.backend = file\nlog.level = ERROR\n";
    ::setenv("SOFTHSM2_CONF", (path + "/softhsm2.conf").c_str(), 1);
    return path;
  }

  static CK_BYTE_PTR bytes_of(std::string_view text) {
    return const_cast<CK_BYTE_PTR>(reinterpret_cast<const CK_BYTE*>(text.data()));
  }
  static void require(CK_RV answer, const std::string& what) {
    if (answer != CKR_OK) throw std::runtime_error(what + ": " + core::answer_text(answer));
  }
  const CK_FUNCTION_LIST& functions() const { return *functions_; }

  std::vector<CK_SLOT_ID> slots() const {
    CK_ULONG count = 0;  // Asked first: this is when SoftHSM looks for new tokens.
    require(functions().C_GetSlotList(CK_TRUE, nullptr, &count), "C_GetSlotList");
    std::vector<CK_SLOT_ID> found(count);
    require(functions().C_GetSlotList(CK_TRUE, found.data(), &count), "C_GetSlotList");
    return found;
  }
  CK_TOKEN_INFO info_of(CK_SLOT_ID slot) const {
    CK_TOKEN_INFO info{};
    require(functions().C_GetTokenInfo(slot, &info), "C_GetTokenInfo");
    return info;
  }
  CK_SLOT_ID slot_of(std::string_view label) const {
    for (const CK_SLOT_ID slot : slots()) {
      const CK_TOKEN_INFO info = info_of(slot);
      const std::string_view padded(reinterpret_cast<const char*>(info.label), sizeof info.label);
      if (padded.substr(0, padded.find_last_not_of(' ') + 1) == label) return slot;
    }
    throw std::runtime_error("there is no token " + std::string(label));
  }
  CK_SLOT_ID free_slot() const {
    for (const CK_SLOT_ID slot : slots()) {
      if ((info_of(slot).flags & CKF_TOKEN_INITIALIZED) == 0) return slot;
    }
    throw std::runtime_error("there is no free slot");
  }
  void initialise(CK_SLOT_ID slot, std::string_view label) {
    std::string padded(label);
    padded.resize(32, ' ');
    require(
        functions().C_InitToken(slot, bytes_of(kOfficerPin), kOfficerPin.size(), bytes_of(padded)),
        "C_InitToken");
    const Login officer(*this, slot, CKU_SO, kOfficerPin);
    require(functions().C_InitPIN(officer.session, bytes_of(kPin), kPin.size()), "C_InitPIN");
  }

  std::filesystem::path directory_;
  core::Pkcs11Module module_;
  CK_FUNCTION_LIST* functions_;
};

}  // namespace kist::test
