// SPDX-License-Identifier: Apache-2.0
#include "loader/host_call.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>

#include <chrono>
#include <thread>

#include <doctest/doctest.h>

#include "loaded_plugin.hpp"

namespace {

using namespace kist::core;
using kist::test::complaint;

bool is_readable(int descriptor, int timeout_ms = 0) {
  ::pollfd poll{descriptor, POLLIN, 0};
  return ::poll(&poll, 1, timeout_ms) == 1 && (poll.revents & POLLIN) != 0;
}

}  // namespace

TEST_SUITE("core/loader/host_call") {
  TEST_CASE("a call without a timeout has no deadline") {
    const HostCall call;
    CHECK(call.deadline_ns() == INT64_MAX);
    CHECK(call.remaining() == std::chrono::nanoseconds::max());
    CHECK_NOTHROW(call.check());
  }

  TEST_CASE("a timeout counts from now on the monotonic clock, and one beyond it is none") {
    using namespace std::chrono_literals;
    const auto now = [] { return std::chrono::steady_clock::now().time_since_epoch().count(); };
    const std::int64_t before = now();
    const HostCall call(1h);
    CHECK(call.deadline_ns() >= before + std::chrono::nanoseconds(1h).count());
    CHECK(call.deadline_ns() <= now() + std::chrono::nanoseconds(1h).count());
    CHECK(HostCall(std::chrono::nanoseconds::max()).deadline_ns() == INT64_MAX);
    CHECK(HostCall(std::chrono::nanoseconds(INT64_MAX - before)).deadline_ns() == INT64_MAX);
  }

  TEST_CASE("a call whose time is up says so, also when it never had any") {
    for (const auto timeout : {std::chrono::nanoseconds(0), std::chrono::nanoseconds(-1),
                               std::chrono::nanoseconds::min()}) {
      const HostCall call(timeout);
      CHECK(call.remaining().count() == 0);
      CHECK(complaint([&] { call.check(); }) ==
            "deadline_exceeded: the deadline of the call has passed");
    }
  }

  TEST_CASE("a call is cancelled from any thread, before or after somebody waits for it") {
    HostCall call;
    CHECK_FALSE(call.is_cancelled());
    const int descriptor = call.cancel_fd();
    REQUIRE(descriptor >= 0);
    CHECK(call.cancel_fd() == descriptor);
    CHECK((::fcntl(descriptor, F_GETFD) & FD_CLOEXEC) != 0);
    CHECK_FALSE(is_readable(descriptor));
    std::thread canceller([&] { call.cancel(); });
    CHECK(is_readable(descriptor, 60'000));
    canceller.join();
    CHECK(call.is_cancelled());
    CHECK(complaint([&] { call.check(); }) == "cancelled: the call was cancelled");
    call.cancel();
    CHECK(is_readable(descriptor));

    HostCall cancelled_first;
    cancelled_first.cancel();
    CHECK(is_readable(cancelled_first.cancel_fd()));
  }

  TEST_CASE("a call closes its descriptor, and goes without one when the process has none left") {
    int descriptor = -1;
    {
      const HostCall call;
      descriptor = call.cancel_fd();
      CHECK(::fcntl(descriptor, F_GETFD) >= 0);
    }
    CHECK(::fcntl(descriptor, F_GETFD) < 0);

    ::rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    const ::rlimit none{0, before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
    HostCall call;
    const int without = call.cancel_fd();
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
    CHECK(without == -1);
    CHECK_NOTHROW(call.cancel());
    CHECK(is_readable(call.cancel_fd()));
  }
}
