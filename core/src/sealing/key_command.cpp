// SPDX-License-Identifier: Apache-2.0
#include "sealing/key_command.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <kist/error.hpp>

#include "loader/file_descriptor.hpp"
#include "process/program_run.hpp"

namespace kist::core {
namespace {

using Clock = std::chrono::steady_clock;

Error failure(const std::string& what) { return {ErrorCode::failed_precondition, what}; }

Error cannot_run(int error) {
  return failure("cannot be run: " + std::generic_category().message(error));
}

void wait_for(int descriptor, Clock::time_point deadline, std::chrono::milliseconds limit) {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd waited{descriptor, POLLIN, 0};
    const int count = ::poll(&waited, 1, static_cast<int>(std::max<decltype(left)>(left, 0)));
    if (count > 0) return;
    if (count < 0 && errno != EINTR) throw cannot_run(errno);
    if (count == 0)
      throw Error(ErrorCode::unavailable,
                  "has not ended within " + std::to_string(limit.count()) + " ms");
  }
}

void check_status(int status) {
  if (WIFSIGNALED(status)) throw failure("was ended by signal " + std::to_string(WTERMSIG(status)));
  if (WEXITSTATUS(status) != 0) throw failure("ended with " + std::to_string(WEXITSTATUS(status)));
}

}  // namespace

SecretValue run_key_command(const std::vector<std::string>& arguments, std::size_t bytes_max,
                            std::chrono::milliseconds deadline) {
  const Clock::time_point end = Clock::now() + deadline;
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw cannot_run(errno);
  const FileDescriptor output(ends[0]);
  FileDescriptor input(ends[1]);
  ProgramRun program({.arguments = arguments, .output = input.get()});
  input = FileDescriptor();

  std::size_t size = 0;
  const SecretValue buffer = SecretValue::written(bytes_max + 1, [&](char* memory) {
    while (size <= bytes_max) {
      wait_for(output.get(), end, deadline);
      const ::ssize_t count = ::read(output.get(), memory + size, bytes_max + 1 - size);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) throw cannot_run(errno);
      if (count == 0) break;
      size += static_cast<std::size_t>(count);
    }
  });
  if (size > bytes_max) throw failure("wrote more than " + std::to_string(bytes_max) + " bytes");
  wait_for(program.ended(), end, deadline);
  check_status(program.status());
  return SecretValue(buffer.reveal().substr(0, size));
}

}  // namespace kist::core
