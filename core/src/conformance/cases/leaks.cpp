// SPDX-License-Identifier: Apache-2.0
// What a store takes it gives back: descriptors and threads at close, and memory.

#include <malloc.h>

#include <cstddef>
#include <cstring>

#include <doctest/doctest.h>

#include "failing_allocation.hpp"
#include "process_gauge.hpp"
#include "raw_operations.hpp"

namespace kist::conformance {
namespace {

constexpr int kRounds = 200;
/// Pools that fill grow less and less; a leak grows alike at each attempt.
constexpr int kAttempts = 16;
/// A round that leaks has leaked an object; what the allocator itself keeps is less, for each.
constexpr std::size_t kBytesPerRoundMax = 16;

/// What the process holds of what a store must give back.
struct Held {
  std::size_t descriptors, threads, bytes;

  static Held now() {
    const ProcessGauge gauge = ProcessGauge::read();
    const struct mallinfo2 heap = ::mallinfo2();
    // A sanitizer has its own allocator, and looks for leaks itself.
    return {gauge.descriptors, gauge.threads,
            allocations_can_fail() ? heap.uordblks + heap.hblkhd : 0};
  }
};

void open_use_and_close(const RawHost& host, const StoreHome& home) {
  RawStore store(host, home);
  const Secret secret = secret_named("name");
  RawCall created, got, listed, removed;
  store.create(created, secret);
  store.get(got, secret.id);
  store.list(listed, list_all());
  store.remove(removed, secret.id);
}

/// Each operation once, such that the store is then as before.
void call_each(RawStore& store) {
  const Secret secret = secret_named("name");
  RawCall created, refused, got, updated, listed, removed, missed;
  store.create(created, secret);
  store.create(refused, secret);
  store.get(got, secret.id);
  kist_update_request update{};
  std::memcpy(update.id.bytes, secret.id.bytes.data(), sizeof(update.id.bytes));
  store.update(updated, update);
  store.list(listed, list_all());
  store.remove(removed, secret.id);
  store.get(missed, secret.id);
}

/// Once what is made once has been made, `round` leaves nothing behind. A pool may fill later, and
/// the allocator keeps some memory for a thread at times; but a leak grows at every attempt.
template <class Round>
void check_leaves_nothing(Round round) {
  Held before = Held::now(), after = before;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    before = Held::now();
    for (int i = 0; i < kRounds; ++i) round();
    after = Held::now();
    if (after.descriptors <= before.descriptors && after.threads <= before.threads &&
        after.bytes <= before.bytes + kRounds * kBytesPerRoundMax)
      return;
  }
  CHECK(after.descriptors <= before.descriptors);
  CHECK(after.threads <= before.threads);
  CHECK(after.bytes <= before.bytes + kRounds * kBytesPerRoundMax);
}

TEST_SUITE("leaks") {
  TEST_CASE("KP-13: 200 times open and close leave no descriptor, thread or memory behind") {
    const RawHost host;
    const StoreHome home;
    check_leaves_nothing([&] { open_use_and_close(host, home); });
  }

  TEST_CASE("KP-13: 200 calls of each operation leave no descriptor, thread or memory behind") {
    const RawHost host;
    const StoreHome home;
    RawStore store(host, home);
    check_leaves_nothing([&] { call_each(store); });
  }

  TEST_CASE("KP-13: 200 opens that fail leave no descriptor, thread or memory behind") {
    const RawHost host;
    const StoreHome home;
    check_leaves_nothing([&] {
      RawCall call;
      call.cancel_at = 3;
      kist_store* store = nullptr;
      if (raw_open(host.table(), home, call, &store) == KIST_OK)
        raw_type(host.table())->table->close(store);
    });
  }
}

}  // namespace
}  // namespace kist::conformance
