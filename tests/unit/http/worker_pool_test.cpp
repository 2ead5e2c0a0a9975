// SPDX-License-Identifier: Apache-2.0
#include "http/worker_pool.hpp"

#include <atomic>
#include <future>
#include <vector>

#include <doctest/doctest.h>

using kist::http::WorkerPool;

TEST_SUITE("http/worker_pool") {
  TEST_CASE("as many run at once as there are threads, and the rest wait") {
    std::promise<void> gate;
    const std::shared_future<void> opened = gate.get_future().share();
    std::atomic<int> done = 0;
    {
      std::promise<void> both;
      std::atomic<int> running = 0;
      WorkerPool pool(2, 10);
      for (int i = 0; i < 5; ++i) {
        CHECK(pool.run([&] {
          if (++running == 2) both.set_value();
          opened.wait();
          ++done;
        }));
      }
      both.get_future().wait();
      CHECK(running == 2);
      gate.set_value();
    }
    CHECK(done == 5);  // The end of the pool has waited for all.
  }

  TEST_CASE("what is past the limit is refused, and taken again when there is room") {
    std::promise<void> gate;
    const std::shared_future<void> opened = gate.get_future().share();
    WorkerPool pool(1, 3);
    std::promise<void> last;
    for (int i = 0; i < 3; ++i) {
      CHECK(pool.run([&, i] {
        opened.wait();
        if (i == 2) last.set_value();
      }));
    }
    CHECK(!pool.run([] { FAIL("it was refused"); }));
    gate.set_value();
    last.get_future().wait();
    std::promise<void> more;
    while (!pool.run([&] { more.set_value(); })) {
    }
    more.get_future().wait();
  }
}
