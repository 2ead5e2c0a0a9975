// SPDX-License-Identifier: Apache-2.0
// What belongs to the process is the process's: signal handlers and mask, umask, locale, working
// directory, environment, and the descriptors 0 to 2. A change is named, and put back.

#include <locale.h>

#include <doctest/doctest.h>

#include "loader/process_state.hpp"
#include "raw_operations.hpp"

namespace kist::conformance {
namespace {

/// Does `what`, which must leave all as it is.
template <class What>
void leave_as_it_is(What what) {
  const core::ProcessState before = core::ProcessState::capture();
  const locale_t locale = ::uselocale(nullptr);
  what();
  const std::vector<std::string> changed = before.restore();
  CAPTURE(changed);
  CHECK(changed.empty());
  CHECK_MESSAGE(::uselocale(nullptr) == locale, "the locale of the thread");
}

TEST_SUITE("environment") {
  TEST_CASE("KP-14: loading a plugin and asking its entry point leave the process as it is") {
    const RawHost host;
    leave_as_it_is([&] { raw_type(host.table()); });
  }

  TEST_CASE("KP-14: open and close leave the process as it is") {
    const RawHost host;
    const StoreHome home;
    RawCall call;
    kist_store* store = nullptr;
    leave_as_it_is([&] { CHECK(raw_open(host.table(), home, call, &store) == KIST_OK); });
    leave_as_it_is([&] { raw_type(host.table())->table->close(store); });
  }

  TEST_CASE("KP-14: an open that fails leaves the process as it is") {
    const RawHost host;
    const StoreHome home;
    RawCall call;
    call.is_cancelled = true;
    kist_store* store = nullptr;
    leave_as_it_is([&] { CHECK(raw_open(host.table(), home, call, &store) != KIST_OK); });
  }

  TEST_CASE("KP-14: every call leaves the process as it is, whether it succeeds or fails") {
    for (const RawOperation& operation : raw_operations()) {
      CAPTURE(operation.name);
      OperatedStore on;
      RawCall done, cancelled;
      leave_as_it_is([&] { CHECK(operation.run(on, done) == KIST_OK); });
      cancelled.is_cancelled = true;
      leave_as_it_is([&] { CHECK(operation.run(on, cancelled) != KIST_OK); });
      if (operation.writes) {
        RawCall again;  // Taken, gone, or of no effect.
        leave_as_it_is([&] { operation.run(on, again); });
      }
    }
  }
}

}  // namespace
}  // namespace kist::conformance
