// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <exception>
#include <functional>
#include <stdexcept>
#include <string>

namespace kist::test {

/// Runs `body` in a child of this process, since it changes what a process has once. Returns what
/// it returned, "threw …", or "signal 11".
inline std::string in_child(const std::function<std::string()>& body) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("no child");
  if (child == 0) {
    ::signal(SIGSEGV, SIG_DFL);  // Not doctest's, which would report it.
    std::string answer;
    try {
      answer = body();
    } catch (const std::exception& error) {
      answer = std::string("threw ") + error.what();
    }
    const ssize_t written = ::write(ends[1], answer.data(), answer.size());
    ::_exit(written == static_cast<ssize_t>(answer.size()) ? 0 : 1);
  }
  ::close(ends[1]);
  std::string answer;
  char part[256];
  for (ssize_t count = 0; (count = ::read(ends[0], part, sizeof(part))) > 0;)
    answer.append(part, static_cast<std::size_t>(count));
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
  return answer;
}

}  // namespace kist::test
