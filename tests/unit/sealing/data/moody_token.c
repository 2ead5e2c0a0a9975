// SPDX-License-Identifier: Apache-2.0
// A PKCS#11 module that is SoftHSM2, but for what KIST_TEST_MOOD says.
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include <p11-kit/pkcs11.h>

static CK_FUNCTION_LIST real;
static CK_FUNCTION_LIST moody;

static int mood_is(const char* word) {
  const char* const mood = getenv("KIST_TEST_MOOD");
  return mood != NULL && strcmp(mood, word) == 0;
}

// The test has initialised SoftHSM, and goes on with it.
static CK_RV finalize(void* reserved) {
  (void)reserved;
  return CKR_OK;
}

static CK_RV get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO* info) {
  const CK_RV answer = real.C_GetTokenInfo(slot, info);
  if (mood_is("one try left")) info->flags |= CKF_USER_PIN_FINAL_TRY;
  if (mood_is("no login")) info->flags &= ~(CK_FLAGS)CKF_LOGIN_REQUIRED;
  return answer;
}

static int sessions;

static CK_RV open_session(CK_SLOT_ID slot, CK_FLAGS flags, void* context, CK_NOTIFY notify,
                          CK_SESSION_HANDLE* session) {
  if (mood_is("one session") && sessions > 0) return CKR_SESSION_COUNT;
  const CK_RV answer = real.C_OpenSession(slot, flags, context, notify, session);
  if (answer == CKR_OK) ++sessions;
  return answer;
}

static CK_RV close_session(CK_SESSION_HANDLE session) {
  --sessions;
  return real.C_CloseSession(session);
}

static CK_RV encrypt_init(CK_SESSION_HANDLE session, CK_MECHANISM* mechanism,
                          CK_OBJECT_HANDLE key) {
  if (mood_is("no GCM")) return CKR_MECHANISM_INVALID;
  return real.C_EncryptInit(session, mechanism, key);
}

static CK_RV decrypt_init(CK_SESSION_HANDLE session, CK_MECHANISM* mechanism,
                          CK_OBJECT_HANDLE key) {
  if (mood_is("broken")) return CKR_DEVICE_ERROR;
  if (mood_is("broken once")) {
    unsetenv("KIST_TEST_MOOD");
    return CKR_DEVICE_ERROR;
  }
  return real.C_DecryptInit(session, mechanism, key);
}

static CK_RV encrypt(CK_SESSION_HANDLE session, unsigned char* data, unsigned long size,
                     unsigned char* out, unsigned long* out_size) {
  const CK_RV answer = real.C_Encrypt(session, data, size, out, out_size);
  if (mood_is("short")) *out_size -= 4;
  return answer;
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST** list) {
  CK_C_GetFunctionList get = NULL;
  void* const symbol = dlsym(RTLD_NEXT, "C_GetFunctionList");
  memcpy(&get, &symbol, sizeof get);
  CK_FUNCTION_LIST* functions = NULL;
  const CK_RV answer = get == NULL ? CKR_GENERAL_ERROR : get(&functions);
  if (answer != CKR_OK) return answer;
  real = *functions;
  moody = real;
  moody.C_Finalize = finalize;
  moody.C_GetTokenInfo = get_token_info;
  moody.C_OpenSession = open_session;
  moody.C_CloseSession = close_session;
  moody.C_EncryptInit = encrypt_init;
  moody.C_DecryptInit = decrypt_init;
  moody.C_Encrypt = encrypt;
  *list = &moody;
  return CKR_OK;
}
