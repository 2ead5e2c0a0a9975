// SPDX-License-Identifier: Apache-2.0
#include "server_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <boost/json/parse.hpp>

namespace kist::testing {
namespace {

std::size_t entries(const std::filesystem::path& directory) {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator(directory), {}));
}

std::string message_of(const boost::json::object& line) {
  const boost::json::value* const message = line.if_contains("message");
  return message == nullptr ? "" : text_of(*message);
}

/// Ends with the thread that started it, so that no server outlives a test that was killed.
pid_t start(Words& words, const std::filesystem::path& directory, int null, int err) {
  Words nothing;
  const std::vector<char*> argv = pointers(words), envp = pointers(nothing);
  const pid_t parent = ::getpid(), child = ::fork();
  if (child != 0) return child;
  // Only what is safe after fork().
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  ::setsid();
  ::signal(SIGPIPE, SIG_DFL);
  for (const int number : {0, 1}) ::dup2(null, number);
  ::dup2(err, 2);
  if (::chdir(directory.c_str()) == 0) ::execve(argv[0], argv.data(), envp.data());
  ::_exit(127);
}

}  // namespace

std::size_t raise_descriptor_limit(std::size_t wanted) {
  constexpr rlim_t kOthers = 1'000;
  struct rlimit limit {};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, wanted + kOthers);
  ::setrlimit(RLIMIT_NOFILE, &limit);
  return std::min<std::size_t>(wanted, limit.rlim_cur - std::min(kOthers, limit.rlim_cur));
}

ServerProcess::ServerProcess(const Workplace& workplace, const Words& more) {
  Pipe err;
  const core::FileDescriptor null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  Words words = {KIST_PROGRAM, "serve"};
  words.insert(words.end(), more.begin(), more.end());
  child_ = start(words, workplace.path(), null.get(), err.write.get());
  err.write = core::FileDescriptor();
  reader_ =
      std::thread([this, pipe = std::move(err.read)]() mutable { read_log(std::move(pipe)); });
  try {
    for (boost::json::object line = next_line(); message_of(line) != "ready"; line = next_line()) {
      if (message_of(line) == "listening") addresses_.push_back(text_of(line.at("address")));
    }
  } catch (...) {
    ::kill(child_, SIGKILL);
    wait_for_end();
    throw;
  }
}

ServerProcess::~ServerProcess() {
  if (has_ended_) return;
  ::kill(child_, SIGKILL);
  wait_for_end();
}

void ServerProcess::read_log(core::FileDescriptor pipe) {
  std::array<char, 65'536> bytes{};
  for (;;) {
    const ssize_t count = ::read(pipe.get(), bytes.data(), bytes.size());
    const std::lock_guard lock(mutex_);
    if (count > 0)
      log_.append(bytes.data(), static_cast<std::size_t>(count));
    else
      log_ended_ = true;
    has_more_.notify_all();
    if (count <= 0) return;
  }
}

/// Of the log; what is no JSON is passed over: a sanitizer's words, say.
boost::json::object ServerProcess::next_line() {
  std::unique_lock lock(mutex_);
  for (;;) {
    std::size_t end = 0;
    const bool came = has_more_.wait_for(lock, kPatience, [&] {
      return (end = log_.find('\n', next_)) != std::string::npos || log_ended_;
    });
    if (!came || end == std::string::npos)
      throw NoAnswer("kist did not log what was waited for; it logged:\n" + log_);
    const std::string line = log_.substr(next_, end - next_);
    next_ = end + 1;
    if (line.starts_with('{')) return boost::json::parse(line).as_object();
  }
}

std::uint16_t ServerProcess::port() const {
  for (const std::string& address : addresses_) {
    if (address.starts_with("unix:")) continue;
    std::uint16_t port = 0;
    const char* const end = address.data() + address.size();
    if (std::from_chars(address.data() + address.rfind(':') + 1, end, port).ptr == end) return port;
  }
  throw NoAnswer("kist does not listen on TCP");
}

void ServerProcess::send(int signal) const { ::kill(child_, signal); }

boost::json::object ServerProcess::wait_for(std::string_view message) {
  for (;;) {
    boost::json::object line = next_line();
    if (message_of(line) == message) return line;
  }
}

std::string ServerProcess::wait_for_one_of(std::string_view one, std::string_view other) {
  for (;;) {
    const std::string message = message_of(next_line());
    if (message == one || message == other) return message;
  }
}

int ServerProcess::wait_for_end() {
  if (has_ended_) return end_;
  int status = 0;
  ::waitpid(child_, &status, 0);
  reader_.join();
  has_ended_ = true;
  end_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return end_;
}

int ServerProcess::stop() {
  send(SIGTERM);
  return wait_for_end();
}

bool ServerProcess::has_ended() {
  siginfo_t info{};
  if (!has_ended_ &&
      ::waitid(P_PID, static_cast<id_t>(child_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
      info.si_pid == child_)
    wait_for_end();
  return has_ended_;
}

std::string ServerProcess::log() const {
  const std::lock_guard lock(mutex_);
  return log_;
}

std::size_t ServerProcess::rss_bytes() const {
  std::ifstream file("/proc/" + std::to_string(child_) + "/statm");
  std::size_t size = 0, resident = 0;
  file >> size >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

std::size_t ServerProcess::descriptors() const {
  return entries("/proc/" + std::to_string(child_) + "/fd");
}

std::size_t ServerProcess::threads() const {
  return entries("/proc/" + std::to_string(child_) + "/task");
}

void ServerProcess::limit(__rlimit_resource resource, rlim_t value) const {
  struct rlimit limit {};
  ::prlimit(child_, resource, nullptr, &limit);
  limit.rlim_cur = value;
  ::prlimit(child_, resource, &limit, nullptr);
}

}  // namespace kist::testing
