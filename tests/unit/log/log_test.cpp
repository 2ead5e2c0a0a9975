// SPDX-License-Identifier: Apache-2.0
#include "log/log.hpp"

#include <fcntl.h>
#include <pty.h>
#include <signal.h>

#include <array>
#include <string>
#include <thread>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <doctest/doctest.h>

#include "config/configuration.hpp"

namespace kist::log {
namespace {

constexpr std::size_t kPipeBytes = 16'384;

/// A pipe whose reader takes what is there when asked.
class Pipe {
 public:
  Pipe() {
    ::signal(SIGPIPE, SIG_IGN);
    REQUIRE(::pipe2(ends_.data(), O_CLOEXEC) == 0);
    REQUIRE(::fcntl(ends_[0], F_SETFL, O_NONBLOCK) == 0);
  }
  Pipe(const Pipe&) = delete;
  ~Pipe() {
    close_reader();
    ::close(ends_[1]);
  }
  int writer() const { return ends_[1]; }
  void close_reader() {
    if (ends_[0] >= 0) ::close(ends_[0]);
    ends_[0] = -1;
  }
  void make_small() const { REQUIRE(::fcntl(ends_[1], F_SETPIPE_SZ, kPipeBytes) >= 0); }

  std::string read() const {
    std::string text;
    char part[kPipeBytes];
    for (ssize_t count; (count = ::read(ends_[0], part, sizeof(part))) > 0;)
      text.append(part, static_cast<std::size_t>(count));
    return text;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0, end; begin < text.size(); begin = end + 1) {
    end = text.find('\n', begin);
    REQUIRE(end != std::string::npos);
    lines.push_back(text.substr(begin, end - begin));
  }
  return lines;
}

/// The digits of a time become 0.
std::string without_time(std::string line, std::size_t size) {
  for (std::size_t i = 0; i < size && i < line.size(); ++i) {
    if (line[i] >= '0' && line[i] <= '9') line[i] = '0';
  }
  return line;
}

core::LogSettings settings(const char* level, const char* format) { return {level, format}; }

TEST_SUITE("host/log/log") {
  TEST_CASE("a line for people has the time in UTC, the level, the message and the fields") {
    const Pipe pipe;
    Log log(settings("trace", "text"), pipe.writer());
    log.info("listening", {{"address", "127.0.0.1:8420"}});
    log.error("no room", {{"path", "/var/log/a b"}});
    log.warning("w");
    log.debug("d");
    log.trace("t");
    const auto lines = lines_of(pipe.read());
    const char* const expected[] = {
        "0000-00-00 00:00:00.000 info  listening  address=127.0.0.1:8420",
        "0000-00-00 00:00:00.000 error no room  path=\"/var/log/a b\"",
        "0000-00-00 00:00:00.000 warning w",
        "0000-00-00 00:00:00.000 debug d",
        "0000-00-00 00:00:00.000 trace t",
    };
    REQUIRE(lines.size() == std::size(expected));
    for (std::size_t i = 0; i < lines.size(); ++i) CHECK(without_time(lines[i], 23) == expected[i]);
  }

  TEST_CASE("a line for programs is one object: time, level, message, fields") {
    const Pipe pipe;
    Log log(settings("info", "json"), pipe.writer());
    log.warning("slow \"store\"", {{"took_ms", 1500}, {"store", "sqlite"}});
    const auto lines = lines_of(pipe.read());
    REQUIRE(lines.size() == 1);
    CHECK(without_time(lines[0], 33) ==
          R"({"time":"0000-00-00T00:00:00.000Z","level":"warning","message":"slow \"store\"",)"
          R"("took_ms":1500,"store":"sqlite"})");
    CHECK(boost::json::parse(lines[0]).at("took_ms") == 1500);
  }

  TEST_CASE("what a pattern could mean to the logging library is text") {
    const Pipe pipe;
    Log log(settings("info", "text"), pipe.writer());
    log.info("100 %v %n {} {0} {:x}", {{"x", "%l{}"}});
    CHECK(without_time(pipe.read(), 23) ==
          "0000-00-00 00:00:00.000 info  100 %v %n {} {0} {:x}  x=%l{}\n");
  }

  TEST_CASE("the format goes by whether somebody watches, unless it is configured") {
    int terminal = -1, shown = -1;
    REQUIRE(::openpty(&terminal, &shown, nullptr, nullptr, nullptr) == 0);
    const auto first_of = [&](const char* format) {
      Log(settings("info", format), shown).info("m");
      char text[200];
      const ssize_t count = ::read(terminal, text, sizeof(text));
      return count > 0 ? text[0] : '\0';
    };
    CHECK(first_of("auto") != '{');
    CHECK(first_of("text") != '{');
    CHECK(first_of("json") == '{');
    ::close(terminal);
    ::close(shown);
    const Pipe pipe;
    Log(settings("info", "auto"), pipe.writer()).info("m");
    CHECK(pipe.read()[0] == '{');
  }

  TEST_CASE("what is below the level is not written, and the level can be changed") {
    const Pipe pipe;
    const char* const levels[] = {"trace", "debug", "info", "warning", "error"};
    Log log(settings("error", "text"), pipe.writer());
    for (int configured = 0; configured < 5; ++configured) {
      log.set_level(settings(levels[configured], "text"));
      for (int level = 0; level < 5; ++level) {
        CAPTURE(configured);
        CAPTURE(level);
        CHECK(log.takes(static_cast<Level>(level)) == (level >= configured));
        log.write(static_cast<Level>(level), "m", {});
        CHECK(pipe.read().empty() == (level < configured));
      }
    }
  }

  TEST_CASE("lines of many threads do not mix") {
    const Pipe pipe;
    Log log(settings("info", "json"), pipe.writer());
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&, i] {
        for (int line = 0; line < 50; ++line) {
          log.info("m", {{"thread", i}, {"line", line}, {"text", "0123456789"}});
          log.set_level(settings("info", "json"));
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    const auto lines = lines_of(pipe.read());
    CHECK(lines.size() == 200);
    std::array<int, 4> next{};
    for (const std::string& line : lines) {
      const auto value = boost::json::parse(line);
      const auto thread = static_cast<std::size_t>(value.at("thread").as_int64());
      CHECK(value.at("line") == next.at(thread)++);
    }
  }

  TEST_CASE("each line is written when the call returns: none is lost at the end") {
    const Pipe pipe;
    auto* const log = new Log(settings("info", "text"), pipe.writer());
    log->info("last");
    CHECK(pipe.read().find("last\n") != std::string::npos);
    delete log;
  }

  TEST_CASE("a reader that has gone, and a closed descriptor, are no failure") {
    Pipe pipe;
    pipe.close_reader();
    Log(settings("info", "text"), pipe.writer()).info("m");
    Log log(settings("info", "text"), -1);
    log.info("m");
    log.error("m");
  }

  TEST_CASE("a reader that takes nothing costs lines and not time, and is told how many") {
    Pipe pipe;
    pipe.make_small();
    Log log(settings("info", "json"), pipe.writer());
    constexpr int count = 2'000;
    for (int i = 0; i < count; ++i) log.info("m", {{"i", i}});
    const auto before = lines_of(pipe.read());
    CHECK(before.size() > 10);
    CHECK(before.size() < count);
    log.info("after");
    const auto lines = lines_of(pipe.read());
    REQUIRE(lines.size() == 2);
    const auto lost = boost::json::parse(lines[0]);
    CHECK(lost.at("level") == "warning");
    CHECK(lost.at("count").as_int64() == count - static_cast<std::int64_t>(before.size()));
    CHECK(boost::json::parse(lines[1]).at("message") == "after");
    log.info("again");
    CHECK(lines_of(pipe.read()).size() == 1);
  }

  TEST_CASE("a full disk is no failure") {
    const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
    REQUIRE(full >= 0);
    Log log(settings("info", "text"), full);
    log.info("m");
    log.info("m");
    ::close(full);
  }
}

}  // namespace
}  // namespace kist::log
