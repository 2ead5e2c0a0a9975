// SPDX-License-Identifier: Apache-2.0
#include "kist_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>

namespace kist::testing {
namespace {

using core::FileDescriptor;

/// Takes what a pipe has, and closes it at its end.
void take(FileDescriptor& pipe, std::string& text) {
  std::array<char, 4096> bytes{};
  const ssize_t count = ::read(pipe.get(), bytes.data(), bytes.size());
  if (count > 0)
    text.append(bytes.data(), static_cast<std::size_t>(count));
  else
    pipe = FileDescriptor();
}

void give(FileDescriptor& pipe, std::string_view& text) {
  const ssize_t count = text.empty() ? -1 : ::write(pipe.get(), text.data(), text.size());
  if (count < 0)
    pipe = FileDescriptor();
  else
    text.remove_prefix(static_cast<std::size_t>(count));
}

void exchange(FileDescriptor& in, std::string_view input, FileDescriptor& out, FileDescriptor& err,
              Ended& ended) {
  while (out || err || in) {
    struct pollfd ready[] = {
        {in.get(), POLLOUT, 0}, {out.get(), POLLIN, 0}, {err.get(), POLLIN, 0}};
    ::poll(ready, 3, -1);
    if (ready[0].revents != 0) give(in, input);
    if (ready[1].revents != 0) take(out, ended.out);
    if (ready[2].revents != 0) take(err, ended.err);
  }
}

}  // namespace

Pipe::Pipe() {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  read = core::FileDescriptor(ends[0]);
  write = core::FileDescriptor(ends[1]);
}

std::vector<char*> pointers(Words& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

boost::json::value Ended::json() const {
  INFO(err);
  return boost::json::parse(out);
}
boost::json::value Ended::error_json() const { return boost::json::parse(err).at("error"); }

pid_t start_kist(const Start& start, const std::filesystem::path& directory, int in, int out,
                 int err) {
  ::posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addchdir_np(&actions, directory.c_str());
  const std::array<int, 3> given = {in, out, err};
  for (int number = 0; number < 3; ++number) {
    if (std::ranges::find(start.closed, number) != start.closed.end())
      ::posix_spawn_file_actions_addclose(&actions, number);
    else
      ::posix_spawn_file_actions_adddup2(&actions, given[static_cast<std::size_t>(number)], number);
  }
  ::posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF);
  sigset_t defaults;
  ::sigemptyset(&defaults);
  ::sigaddset(&defaults, SIGPIPE);
  ::posix_spawnattr_setsigdefault(&attributes, &defaults);

  Words words = start.words;
  words.insert(words.begin(), KIST_PROGRAM);
  Words variables;
  for (const auto& [name, value] : start.environment) variables.push_back(name + "=" + value);
  pid_t child = -1;
  REQUIRE(::posix_spawn(&child, KIST_PROGRAM, &actions, &attributes, pointers(words).data(),
                        pointers(variables).data()) == 0);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  return child;
}

Workplace::Workplace(std::string_view store) {
  std::string name = (std::filesystem::temp_directory_path() / "kist-system-XXXXXX").native();
  REQUIRE(::mkdtemp(name.data()) != nullptr);
  path_ = name;
  configure("{\"secrets_store\": {" + std::string(store) + "}}\n");
}

Workplace::~Workplace() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path Workplace::write(std::string_view name, std::string_view content,
                                       mode_t mode) const {
  const std::filesystem::path path = path_ / name;
  std::ofstream(path, std::ios::binary) << content;
  REQUIRE(::chmod(path.c_str(), mode) == 0);
  return path;
}

Ended Workplace::run(const Start& start) const {
  ::signal(SIGPIPE, SIG_IGN);
  Pipe in, out, err;
  FileDescriptor file;
  if (start.output_file) file = FileDescriptor(::open(start.output_file->c_str(), O_WRONLY));
  const pid_t child = start_kist(start, path_, in.read.get(),
                                 start.output_file ? file.get() : out.write.get(), err.write.get());
  in.read = FileDescriptor();
  out.write = FileDescriptor();
  err.write = FileDescriptor();
  Ended ended;
  exchange(in.write, start.input, out.read, err.read, ended);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  if (WIFEXITED(status)) ended.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) ended.signal = WTERMSIG(status);
  return ended;
}

Ended Workplace::kist(const Words& words, std::string_view input) const {
  return run({.words = words, .input = std::string(input)});
}

std::string Workplace::done(const Words& words, std::string_view input) const {
  const Ended ended = kist(words, input);
  INFO(ended.err);
  REQUIRE(ended.exit_code == 0);
  return ended.out;
}

boost::json::value Workplace::done_json(Words words, std::string_view input) const {
  words.insert(words.end(), {"--output", "json"});
  return boost::json::parse(done(words, input));
}

void Workplace::refuses(const std::vector<Misuse>& lines) const {
  for (const Misuse& line : lines) {
    const Ended ended = kist(line.words);
    CHECK(ended.err == "kist: invalid_argument: " + line.message + "\n");
    CHECK(ended.exit_code == 2);
    CHECK(ended.out.empty());
  }
}

std::string text_of(const boost::json::value& value) {
  if (const auto* const text = value.if_string()) return {text->data(), text->size()};
  return boost::json::serialize(value);
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace kist::testing
