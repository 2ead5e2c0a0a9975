// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include <kist/error.hpp>

#include "sealing/keyring.hpp"
#include "sealing/keyring_text.hpp"
#include "text/hex.hpp"

namespace {

using namespace kist::core;

void require(bool holds) {
  if (!holds) std::abort();
}

/// What is read is sound, and is the same when it is written and read once more.
void check_read(const std::vector<KeyLine>& keys) {
  std::string again;
  for (const KeyLine& key : keys) {
    require(key.key.size() == kKeyBytes);
    require(key.id ? is_key_id(*key.id) : keys.size() == 1);
    if (key.id) again += *key.id + " ";
    again += to_hex(key.key.reveal()) + "\n";
  }
  const std::vector<KeyLine> reread = parse_keyring(kist::SecretView(again), "");
  require(std::ranges::equal(keys, reread, [](const KeyLine& a, const KeyLine& b) {
    return a.id == b.id && a.key.reveal() == b.key.reveal();
  }));
}

}  // namespace

/// A keyring text. No message has more of it than the number of a line.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    check_read(parse_keyring(kist::SecretView(text), "keyring"));
  } catch (const kist::Error& refusal) {
    require(refusal.code == kist::ErrorCode::failed_precondition);
    require(refusal.message().starts_with("keyring"));
    require(refusal.message().size() < 120);
  }
  return 0;
}
