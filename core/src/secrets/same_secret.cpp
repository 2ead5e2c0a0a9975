// SPDX-License-Identifier: Apache-2.0
#include "secrets/same_values.hpp"

#include <openssl/crypto.h>

namespace kist::core {

bool same_values(const SecretValues& a, const SecretValues& b) {
  if (a.size() != b.size()) return false;
  int difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto left = a[i], right = b[i];
    if (left.key != right.key || left.value.size() != right.value.size()) return false;
    difference |=
        CRYPTO_memcmp(left.value.reveal().data(), right.value.reveal().data(), left.value.size());
  }
  return difference == 0;
}

}  // namespace kist::core
