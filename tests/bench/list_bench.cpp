// SPDX-License-Identifier: Apache-2.0
// A page of 20 out of many secrets, from the service's rules down to the database, beside the index
// seek that limits it.

#include <sqlite3.h>

#include <map>
#include <memory>
#include <stdexcept>
#include <string>

#include <benchmark/benchmark.h>

#include "opened_store.hpp"
#include "secrets/secrets_service.hpp"
#include "secrets/uuid.hpp"

namespace kist::bench {
namespace {

/// Adds rows by SQL, which takes a tenth of the time; the store's triggers keep its counts.
void fill(const std::filesystem::path& path, std::int64_t count, const Uuid& workspace,
          const Uuid& user) {
  sqlite3* database = nullptr;
  if (sqlite3_open(path.c_str(), &database) != SQLITE_OK)
    throw std::runtime_error("cannot open the database");
  const std::string workspace_id = "x'" + workspace.to_hex() + "'";
  const std::string rows =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
      std::to_string(count) +
      ") INSERT INTO secrets SELECT randomblob(16), 'team-' || (i % 97) || '/service-' || i,"
      " 'workspace', " +
      workspace_id + ", x'" + user.to_hex() +
      "', 1700000000000000 + i, 1700000000000000 + i, 1 FROM n";
  for (const std::string& sql : {std::string("PRAGMA synchronous = OFF"), std::string("BEGIN"),
                                 rows, std::string("COMMIT")}) {
    if (sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
      throw std::runtime_error(sqlite3_errmsg(database));
    }
  }
  sqlite3_close(database);
}

/// A store with `count` secrets, and the service over it. Kept, because filling it takes long.
struct Listing {
  explicit Listing(std::int64_t count)
      : directory(Uuid(), {}, {}),
        service(*store, directory, {}, core::system_clock_now, core::new_uuid,
                core::new_cursor_key()) {
    fill(store.database(), count, directory.default_workspace().id, directory.local_principal().id);
  }
  core::Page page(const core::ListRequest& request) {
    return service.list(store.call(), directory.local_principal(), request);
  }
  static Listing& of(std::int64_t count) {
    static std::map<std::int64_t, std::unique_ptr<Listing>> all;
    auto& listing = all[count];
    if (!listing) listing = std::make_unique<Listing>(count);
    return *listing;
  }

  OpenedStore store{"sqlite"};
  core::Directory directory;
  core::SecretsService service;
};

core::ListRequest filtered(Operator op, const char* text) {
  core::ListRequest request;
  request.conditions.push_back({Field::name, op, {text}});
  return request;
}

void measure(benchmark::State& state, const core::ListRequest& request) {
  Listing& listing = Listing::of(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(listing.page(request));
}

void list_seek_bare(benchmark::State& state) {
  sqlite3* database = nullptr;
  sqlite3_open(Listing::of(state.range(0)).store.database().c_str(), &database);
  sqlite3_stmt* query = nullptr;
  sqlite3_prepare_v2(
      database,
      "SELECT id, name, scope, workspace_id, user_id, created, updated, revision FROM secrets"
      " WHERE (created, id) > (?1, x'00') ORDER BY created, id LIMIT 21",
      -1, &query, nullptr);
  for (auto _ : state) {
    sqlite3_bind_int64(query, 1, 1'700'000'000'000'000 + state.range(0) / 2);
    std::vector<std::string> names;
    while (sqlite3_step(query) == SQLITE_ROW) {
      names.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(query, 1)));
    }
    benchmark::DoNotOptimize(names);
    sqlite3_reset(query);
  }
  sqlite3_finalize(query);
  sqlite3_close(database);
}

void list_page_first(benchmark::State& state) { measure(state, {}); }
void list_page_last(benchmark::State& state) {
  core::ListRequest request;
  request.page = static_cast<std::uint64_t>(state.range(0)) / request.size;
  measure(state, request);
}
void list_page_first_startswith(benchmark::State& state) {
  measure(state, filtered(Operator::starts_with, "team-7/"));
}
void list_page_first_contains(benchmark::State& state) {
  measure(state, filtered(Operator::contains, "service-99"));
}

/// From the end: the cursor behind the last full page but one.
void list_cursor(benchmark::State& state, core::ListRequest request, std::uint64_t page) {
  Listing& listing = Listing::of(state.range(0));
  request.page = page;
  request.cursor = listing.page(request).next_cursor;
  for (auto _ : state) benchmark::DoNotOptimize(listing.page(request));
}
void list_cursor_first(benchmark::State& state) { list_cursor(state, {}, 1); }
void list_cursor_last(benchmark::State& state) {
  list_cursor(state, {}, static_cast<std::uint64_t>(state.range(0)) / core::kDefaultPageSize - 1);
}
void list_cursor_first_contains(benchmark::State& state) {
  list_cursor(state, filtered(Operator::contains, "service-9"), 1);
}

void sizes(benchmark::internal::Benchmark* bench) {
  bench->Arg(10'000)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMicrosecond);
}

BENCHMARK(list_seek_bare)->Apply(sizes);
BENCHMARK(list_page_first)->Apply(sizes);
BENCHMARK(list_cursor_first)->Apply(sizes);
BENCHMARK(list_cursor_last)->Apply(sizes);
BENCHMARK(list_page_last)->Apply(sizes);
BENCHMARK(list_page_first_startswith)->Apply(sizes);
BENCHMARK(list_page_first_contains)->Apply(sizes);
BENCHMARK(list_cursor_first_contains)->Apply(sizes);

}  // namespace
}  // namespace kist::bench
