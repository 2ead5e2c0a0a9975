// SPDX-License-Identifier: Apache-2.0
#include "worker.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <vector>

namespace kist::conformance {
namespace {

void must(bool done, const char* what) {
  if (!done) throw std::system_error(errno, std::generic_category(), what);
}

/// Two pipes; the ends are those of the parent and of the worker.
struct Pipes {
  Pipes() {
    std::array<int, 2> input{}, output{};
    must(::pipe2(input.data(), O_CLOEXEC) == 0, "pipe2");
    must(::pipe2(output.data(), O_CLOEXEC) == 0, "pipe2");
    worker_in = input[0];
    parent_out = input[1];
    parent_in = output[0];
    worker_out = output[1];
  }
  int worker_in, worker_out, parent_in, parent_out;
};

}  // namespace

Worker::Worker(const StoreHome& home, std::string_view job) {
  const Pipes pipes;
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, pipes.worker_in, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, pipes.worker_out, STDOUT_FILENO);
  const StoreUnderTest& store = store_under_test();
  std::vector<std::string> words = {"kist-conformance",
                                    "--plugin=" + store.plugin.native(),
                                    "--config=" + store.configuration.native(),
                                    "--job=" + std::string(job),
                                    "--home=" + home.directory().native(),
                                    "--deployment=" + home.deployment_id().to_string()};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  errno = ::posix_spawn(&process_, "/proc/self/exe", &actions, nullptr, arguments.data(), environ);
  const int error = errno;
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(pipes.worker_in);
  ::close(pipes.worker_out);
  to_ = pipes.parent_out;
  from_ = pipes.parent_in;
  errno = error;
  must(error == 0, "posix_spawn");
}

Worker::~Worker() {
  kill();
  ::close(to_);
  ::close(from_);
}

void Worker::send(std::string_view line) {
  const std::string text = std::string(line) + "\n";
  must(::write(to_, text.data(), text.size()) == static_cast<ssize_t>(text.size()), "write");
}

std::optional<std::string> Worker::read_line() {
  for (;;) {
    if (const auto end = received_.find('\n'); end != std::string::npos) {
      std::string line = received_.substr(0, end);
      received_.erase(0, end + 1);
      return line;
    }
    std::array<char, 4096> buffer{};
    const ssize_t count = ::read(from_, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    must(count >= 0, "read");
    if (count == 0) return std::nullopt;
    received_.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

void Worker::kill() {
  if (process_ <= 0) return;
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
}

}  // namespace kist::conformance
