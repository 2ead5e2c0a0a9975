// SPDX-License-Identifier: Apache-2.0
#include "faulty_disk.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <mutex>

namespace {

struct State {
  std::mutex mutex;
  std::condition_variable changed;
  int error = 0, hanging = 0, calls = 0;
  bool hangs = false;
};

State& state() {
  static State* const made = new State;  // Is used until the process ends.
  return *made;
}

}  // namespace

extern "C" int fdatasync(int descriptor) {
  State& disk = state();
  {
    std::unique_lock lock(disk.mutex);
    ++disk.calls;
    if (disk.hangs) {
      ++disk.hanging;
      disk.changed.notify_all();
      disk.changed.wait(lock, [&] { return !disk.hangs; });
      --disk.hanging;
    }
    if (disk.error != 0) {
      errno = disk.error;
      return -1;
    }
  }
  return static_cast<int>(::syscall(SYS_fdatasync, descriptor));
}

namespace kist::core::testing {

void FaultyDisk::fail(int error) {
  const std::lock_guard lock(state().mutex);
  state().error = error;
}

void FaultyDisk::hang() {
  const std::lock_guard lock(state().mutex);
  state().hangs = true;
}

void FaultyDisk::mend() {
  const std::lock_guard lock(state().mutex);
  state().hangs = false;
  state().error = 0;
  state().changed.notify_all();
}

void FaultyDisk::wait_for_hanging(int calls) {
  std::unique_lock lock(state().mutex);
  state().changed.wait(lock, [&] { return state().hanging >= calls; });
}

int FaultyDisk::calls() const {
  const std::lock_guard lock(state().mutex);
  return state().calls;
}

}  // namespace kist::core::testing
