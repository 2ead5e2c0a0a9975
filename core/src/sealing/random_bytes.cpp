// SPDX-License-Identifier: Apache-2.0
#include "sealing/random_bytes.hpp"

#include <openssl/rand.h>

#include <kist/error.hpp>

namespace kist::core {

void fill_with_random_bytes(char* memory, std::size_t size) {
  auto* const bytes = reinterpret_cast<unsigned char*>(memory);
  if (RAND_priv_bytes(bytes, static_cast<int>(size)) != 1)
    throw Error(ErrorCode::internal, "OpenSSL has no random bytes");
}

}  // namespace kist::core
