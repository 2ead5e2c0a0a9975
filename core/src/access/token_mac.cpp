// SPDX-License-Identifier: Apache-2.0
#include "access/token_mac.hpp"

#include <memory>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <kist/error.hpp>

namespace kist::core {
namespace {

void check_crypto(bool done) {
  if (!done) throw Error(ErrorCode::internal, "OpenSSL could not compute the MAC of a token");
}

struct FreeMac {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using MacContext = std::unique_ptr<EVP_MAC_CTX, FreeMac>;

MacContext new_context() {
  const std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> algorithm(
      EVP_MAC_fetch(nullptr, "HMAC", nullptr), EVP_MAC_free);
  check_crypto(algorithm != nullptr);
  MacContext context(EVP_MAC_CTX_new(algorithm.get()));
  check_crypto(context != nullptr);
  char digest_name[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest_name, 0),
      OSSL_PARAM_construct_end()};
  check_crypto(EVP_MAC_CTX_set_params(context.get(), parameters) == 1);
  return context;
}

struct ThreadState {
  MacContext context;  // To look up HMAC and SHA-256 costs more than a MAC does.
  TokenMacWork work;
};

ThreadState& thread_state() {
  thread_local ThreadState state;
  return state;
}

}  // namespace

TokenMac token_mac(std::span<const std::uint8_t> key, std::string_view message) {
  ThreadState& state = thread_state();
  if (state.context == nullptr) state.context = new_context();
  EVP_MAC_CTX* const context = state.context.get();
  TokenMac mac;
  std::size_t size = 0;
  const auto* const data = reinterpret_cast<const unsigned char*>(message.data());
  check_crypto(EVP_MAC_init(context, key.data(), key.size(), nullptr) == 1 &&
               EVP_MAC_update(context, data, message.size()) == 1 &&
               EVP_MAC_final(context, mac.data(), &size, mac.size()) == 1 && size == mac.size());
  ++state.work.macs;
  state.work.bytes += key.size() + message.size();
  return mac;
}

bool same_mac(const TokenMac& a, const TokenMac& b) noexcept {
  ++thread_state().work.comparisons;
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

TokenMacWork token_mac_work() noexcept { return thread_state().work; }

}  // namespace kist::core
