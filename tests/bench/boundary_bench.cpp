// SPDX-License-Identifier: Apache-2.0
// What the boundary costs: a get of five keys through adapter, ABI and thunk, beside the same
// object called directly. Both give a Secret in the caller's own memory.

#include <benchmark/benchmark.h>

#include "../../plugins/memory/memory_store.cpp"  // The class itself, for the direct call.
#include "memory/secret_arena.hpp"
#include "opened_store.hpp"

namespace kist::bench {
namespace {

std::unique_ptr<SecretsStoreInterface> direct_store() {
  core::install_secret_arena();  // As the host's main() does.
  static const core::HostTable host(nullptr);
  MemoryConfig config;
  config.max_secrets = 1000;
  auto store = std::make_unique<MemoryStore>();
  store->attach(host, Uuid(), config);
  return store;
}

void get_all(benchmark::State& state, SecretsStoreInterface& store, Call& call) {
  const Uuid id = store.create_secret(call, five_key_secret(1)).id;
  for (auto _ : state) {
    Secret secret = store.get_secret(call, id);
    benchmark::DoNotOptimize(secret);
  }
}

void boundary_get_direct(benchmark::State& state) {
  const auto store = direct_store();
  core::HostCall call;
  get_all(state, *store, call);
}
BENCHMARK(boundary_get_direct);

void boundary_get_plugin(benchmark::State& state) {
  OpenedStore store("memory");
  get_all(state, *store, store.call());
}
BENCHMARK(boundary_get_plugin);

}  // namespace
}  // namespace kist::bench
