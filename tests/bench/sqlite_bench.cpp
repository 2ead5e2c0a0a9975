// SPDX-License-Identifier: Apache-2.0
// The SQLite store beside bare SQLite calls that do the same work on the same schema.

#include <string>

#include <benchmark/benchmark.h>

#include "bare_sqlite.hpp"
#include "opened_store.hpp"

namespace kist::bench {
namespace {

/// The store is filled once for both sides.
OpenedStore& filled_store() {
  static OpenedStore store("sqlite");
  static const bool filled = (fill_with_secrets(*store), true);
  benchmark::DoNotOptimize(filled);
  return store;
}

void sqlite_get_bare(benchmark::State& state) {
  BareSqlite sqlite(filled_store().database());
  std::string name, content;
  std::uint64_t number = 0;
  for (auto _ : state) {
    const Uuid id = five_key_secret(scattered(number++ % kFilledSecrets)).id;
    benchmark::DoNotOptimize(sqlite.get(id, name, content));
  }
}
BENCHMARK(sqlite_get_bare);

void sqlite_get_kist(benchmark::State& state) {
  OpenedStore& store = filled_store();
  std::uint64_t number = 0;
  for (auto _ : state) {
    const Uuid id = five_key_secret(scattered(number++ % kFilledSecrets)).id;
    Secret secret = store->get_secret(store.call(), id);
    benchmark::DoNotOptimize(secret);
  }
}
BENCHMARK(sqlite_get_kist);

void sqlite_create_bare(benchmark::State& state) {
  OpenedStore store("sqlite");  // For its schema.
  BareSqlite sqlite(store.database());
  const std::string content(160, 'x');
  std::uint64_t number = 0;
  for (auto _ : state) sqlite.create(five_key_secret(scattered(number++)), content);
}
BENCHMARK(sqlite_create_bare)->UseRealTime();

/// With more threads than one, their writes share commits.
void sqlite_create_kist(benchmark::State& state) {
  static OpenedStore* store;
  if (state.thread_index() == 0) store = new OpenedStore("sqlite");
  core::HostCall call;
  std::uint64_t number = static_cast<std::uint64_t>(state.thread_index()) << 40;
  for (auto _ : state)
    store->operator->()->create_secret(call, five_key_secret(scattered(number++)));
  state.SetItemsProcessed(state.iterations());
  if (state.thread_index() == 0) delete store;
}
BENCHMARK(sqlite_create_kist)->Threads(1)->Threads(16)->Threads(64)->UseRealTime();

}  // namespace
}  // namespace kist::bench
