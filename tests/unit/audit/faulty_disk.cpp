// SPDX-License-Identifier: Apache-2.0
#include "faulty_disk.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

struct State {
  std::mutex mutex;
  std::condition_variable changed;
  int error = 0, hanging = 0, calls = 0;
  bool hangs = false;
  std::string end_of_path;  // Of the files that fail.
  std::vector<std::string> synced;
};

State& state() {
  static State* const made = new State;  // Is used until the process ends.
  return *made;
}

std::string path_of(int descriptor) {
  char path[PATH_MAX];
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  const ::ssize_t size = ::readlink(link.c_str(), path, sizeof path);
  return {path, size < 0 ? 0 : static_cast<std::size_t>(size)};
}

}  // namespace

extern "C" int fdatasync(int descriptor) {
  State& disk = state();
  {
    std::unique_lock lock(disk.mutex);
    ++disk.calls;
    const std::string path = path_of(descriptor);
    disk.synced.push_back(path.substr(path.rfind('/') + 1));
    if (disk.hangs) {
      ++disk.hanging;
      disk.changed.notify_all();
      disk.changed.wait(lock, [&] { return !disk.hangs; });
      --disk.hanging;
    }
    if (disk.error != 0 && path.ends_with(disk.end_of_path)) {
      errno = disk.error;
      return -1;
    }
  }
  return static_cast<int>(::syscall(SYS_fdatasync, descriptor));
}

namespace kist::core::testing {

void FaultyDisk::fail(int error, std::string_view end_of_path) {
  const std::lock_guard lock(state().mutex);
  state().end_of_path = end_of_path;
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

std::vector<std::string> FaultyDisk::synced() {
  const std::lock_guard lock(state().mutex);
  return std::exchange(state().synced, {});
}

}  // namespace kist::core::testing
