// SPDX-License-Identifier: Apache-2.0
// Sealing beside bare EVP calls that encrypt as many bytes under as much associated data, with the
// key set once.

#include <string>

#include <benchmark/benchmark.h>

#include "bare_cipher.hpp"
#include "bare_sqlite.hpp"
#include "opened_store.hpp"
#include "sealing/local_key.hpp"
#include "sealing/rewrap.hpp"
#include "sealing/sealed_store.hpp"

namespace kist::bench {
namespace {

constexpr std::string_view kKey = "password";

/// A keyring of a current key and an older one, and what seals with it.
struct Sealing {
  explicit Sealing(std::string_view current = "k2") : keyring(keys(), current) {}

  static std::vector<core::KeyringKey> keys() {
    std::vector<core::KeyringKey> keys;
    for (const char* const id : {"k1", "k2"}) {
      const std::string bytes(core::kKeyBytes, id[1]);
      keys.push_back({id, "bench", std::make_unique<core::LocalKey>(SecretValue(bytes))});
    }
    return keys;
  }

  core::Keyring keyring;
  core::Sealer sealer{keyring, Uuid()};
};

SecretValues one_value(std::size_t size) {
  SecretValues values;
  values.set(kKey, std::string(size, 'v'));
  return values;
}

std::size_t value_size(const benchmark::State& state) {
  return static_cast<std::size_t>(state.range(0));
}

/// What an envelope of one_value() authenticates beside the value.
std::string associated_data() {
  const core::WrappedKey wrapped{};
  return core::envelope_header("k2", wrapped) + std::string(32, 'u') + std::string(kKey);
}

void seal_bare(benchmark::State& state) {
  BareCipher cipher(true);
  const std::string associated = associated_data(), plain(value_size(state), 'v');
  std::string sealed(plain.size() + core::kTagBytes, '\0');
  for (auto _ : state) benchmark::DoNotOptimize(cipher.encrypt(associated, plain, sealed));
}
BENCHMARK(seal_bare)->Arg(0)->Arg(1024);

void seal_kist(benchmark::State& state) {
  Sealing sealing;
  const SecretValues values = one_value(value_size(state));
  for (auto _ : state) {
    SecretValues sealed = sealing.sealer.seal(Uuid(), values);
    benchmark::DoNotOptimize(sealed);
  }
}
BENCHMARK(seal_kist)->Arg(0)->Arg(1024);

void open_bare(benchmark::State& state) {
  BareCipher seal(true), open(false);
  const std::string associated = associated_data();
  std::string plain(value_size(state), 'v'), sealed(plain.size() + core::kTagBytes, '\0');
  seal.encrypt(associated, plain, sealed);
  for (auto _ : state) benchmark::DoNotOptimize(open.decrypt(associated, sealed, plain));
}
BENCHMARK(open_bare)->Arg(0)->Arg(1024);

void open_kist(benchmark::State& state) {
  Sealing sealing;
  const SecretValues sealed = sealing.sealer.seal(Uuid(), one_value(value_size(state)));
  for (auto _ : state) {
    SecretValues values = sealing.sealer.open(Uuid(), sealed);
    benchmark::DoNotOptimize(values);
  }
}
BENCHMARK(open_kist)->Arg(0)->Arg(1024);

/// An SQLite store of sealed secrets, filled once for both sides.
struct SealedSqlite {
  SealedSqlite() { fill_with_secrets(store); }

  OpenedStore raw{"sqlite"};
  Sealing sealing;
  core::SealedStore store{*raw, sealing.sealer};
};
SealedSqlite& sealed_sqlite() {
  static SealedSqlite sqlite;
  return sqlite;
}

/// The row, and as many bare opens of as many bytes as it has values.
void sqlite_get_bare_open(benchmark::State& state) {
  BareSqlite sqlite(sealed_sqlite().raw.database());
  BareCipher seal(true), open(false);
  const std::string associated = associated_data();
  std::vector<std::string> sealed;
  const Secret sample = five_key_secret(1);
  for (const auto [key, value] : sample.values) {
    sealed.emplace_back(value.size() + core::kTagBytes, '\0');
    seal.encrypt(associated, value.reveal(), sealed.back());
  }
  std::string name, content, plain(1024, '\0');
  // All under the nonce of the first: that costs the same.
  std::uint64_t number = 0;
  for (auto _ : state) {
    const Uuid id = five_key_secret(scattered(number++ % kFilledSecrets)).id;
    benchmark::DoNotOptimize(sqlite.get(id, name, content));
    for (const std::string& bytes : sealed)
      benchmark::DoNotOptimize(open.decrypt(associated, bytes, plain));
  }
}
BENCHMARK(sqlite_get_bare_open);

void sqlite_get_sealed(benchmark::State& state) {
  SealedSqlite& sqlite = sealed_sqlite();
  std::uint64_t number = 0;
  for (auto _ : state) {
    const Uuid id = five_key_secret(scattered(number++ % kFilledSecrets)).id;
    Secret secret = sqlite.store.get_secret(sqlite.raw.call(), id);
    benchmark::DoNotOptimize(secret);
  }
}
BENCHMARK(sqlite_get_sealed);

/// Two keys take turns, so that each pass finds all secrets under the other. The time of a secret,
/// with its share of the listing.
void rewrap(benchmark::State& state, const std::string& type) {
  constexpr benchmark::IterationCount kSecrets = 200;
  OpenedStore raw(type);
  Sealing first("k1"), second("k2");
  core::SealedStore store(*raw, first.sealer);
  for (std::uint64_t number = 0; number < kSecrets; ++number)
    store.create_secret(raw.call(), five_key_secret(scattered(number)));
  bool to_second = true;
  while (state.KeepRunningBatch(kSecrets)) {
    core::Rewrap run(*raw, to_second ? second.sealer : first.sealer, {});
    run.run([&](const std::function<void(Call&)>& work) { work(raw.call()); });
    if (run.counts().rewrapped != kSecrets) state.SkipWithError("not all were rewrapped");
    to_second = !to_second;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(rewrap, memory, "memory")->UseRealTime();
BENCHMARK_CAPTURE(rewrap, sqlite, "sqlite")->UseRealTime();

}  // namespace
}  // namespace kist::bench
