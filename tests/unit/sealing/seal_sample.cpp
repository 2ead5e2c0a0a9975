// SPDX-License-Identifier: Apache-2.0
// Seals values with the real code, with keys and ids of this run, and prints what it takes to open
// them again: a line of hexadecimal fields for each. For open_envelope.py.

#include <iostream>
#include <string>

#include "sealing/random_bytes.hpp"
#include "sealing/sealer.hpp"
#include "sealing_samples.hpp"

namespace {

using namespace kist;
using namespace kist::core;

std::string in_hex(std::string_view bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text = "=";  // A field may be empty, and stays a field.
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += {digits[byte >> 4], digits[byte & 15]};
  }
  return text;
}

std::string bytes_of(const Uuid& id) { return {id.bytes.begin(), id.bytes.end()}; }

Uuid any_id() {
  Uuid id;
  fill_with_random_bytes(reinterpret_cast<char*>(id.bytes.data()), id.bytes.size());
  return id;
}

void print_sealed(std::string_view key_id, std::string_view kek, const SecretValues& values) {
  std::vector<KeyringKey> keys;
  keys.push_back({.id = std::string(key_id),
                  .source = "",
                  .kek = std::make_unique<LocalKey>(SecretValue(kek))});
  const Keyring keyring(std::move(keys), key_id);
  const Uuid deployment_id = any_id(), secret_id = any_id();
  Sealer sealer(keyring, deployment_id, {.uses = 3});
  // Often enough for a second DEK, and for a nonce that is not 0.
  for (int i = 0; i < 3; ++i) {
    const SecretValues sealed = sealer.seal(secret_id, values);
    for (const auto [key, envelope] : sealed) {
      std::cout << in_hex(kek) << ' ' << in_hex(bytes_of(deployment_id)) << ' '
                << in_hex(bytes_of(secret_id)) << ' ' << in_hex(key_id) << ' ' << in_hex(key) << ' '
                << in_hex(values.find(key)->reveal()) << ' ' << in_hex(envelope.reveal()) << '\n';
    }
  }
}

}  // namespace

int main() {
  for (const std::string& key_id :
       {std::string("k"), std::string("2026-01.main_key"), std::string(kMaxKeyIdBytes, 'K')}) {
    const SecretValue kek = new_key();
    SecretValues values = testing::values_of({{"password", "hunter2"}, {"empty", ""}});
    values.set("caf\u00e9", std::string(5000, '\0'));
    print_sealed(key_id, kek.reveal(), values);
  }
  return std::cout.flush() ? 0 : 1;
}
