// SPDX-License-Identifier: Apache-2.0
#include "config/private_file.hpp"

#include <sys/stat.h>

#include <atomic>
#include <charconv>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "message_of.hpp"
#include "temporary_directory.hpp"

using namespace kist;
using namespace kist::core;
using namespace kist::core::testing;
namespace fs = std::filesystem;

namespace {

PrivateFile file_at(const fs::path& path) { return {path, "secret file", 100}; }

SecretView view(std::string_view text) { return SecretView(text); }

std::string refusal(const PrivateFile& file) {
  const std::string reading = message_of([&] { read_private_file(file); });
  CHECK(message_of([&] {
          change_private_file(file, [](const SecretValue&) { return SecretValue("changed"); });
        }) == reading);
  return reading;
}

int number_in(std::string_view text) {
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

TEST_SUITE("core/config/private_file") {
  TEST_CASE("what is written is read") {
    const TemporaryDirectory directory;
    const PrivateFile file = file_at(directory.path() / "f");
    CHECK(!read_private_file(file));
    CHECK(create_private_file(file, view("one")));
    CHECK(read_private_file(file)->reveal() == "one");
    change_private_file(file, [](const SecretValue& text) {
      return SecretValue(std::string(text.reveal()) + " two");
    });
    CHECK(read_private_file(file)->reveal() == "one two");
    CHECK(directory.entries() == 1);  // No draft stays behind.
  }

  TEST_CASE("a file that is there is not made again") {
    const TemporaryDirectory directory;
    const PrivateFile file = file_at(directory.write("f", "first"));
    CHECK(!create_private_file(file, view("second")));
    CHECK(text_of(file.path) == "first");
    CHECK(directory.entries() == 1);
  }

  TEST_CASE("AT-38: it is for its owner alone, made and changed, whatever the umask") {
    for (const ::mode_t mask : {0000u, 0022u, 0377u}) {
      const TemporaryDirectory directory;
      const Umask umask(mask);
      const PrivateFile file = file_at(directory.path() / "f");
      create_private_file(file, view("text"));
      CHECK(mode_of(file.path) == 0600);
      change_private_file(file, [](const SecretValue&) { return SecretValue("more"); });
      CHECK(mode_of(file.path) == 0600);
    }
  }

  TEST_CASE("AT-38: a file that others may read or write is refused") {
    const TemporaryDirectory directory;
    for (const ::mode_t mode : {0640u, 0604u, 0620u, 0602u, 0610u, 0666u}) {
      CHECK(refusal(file_at(directory.write("f", "text", mode))) ==
            "secret file can be read or written by others; run chmod 600 on it");
    }
    PrivateFile wider = file_at(directory.write("f", "text", 0440));
    wider.mode_max = 0440;
    CHECK(read_private_file(wider)->reveal() == "text");
    directory.write("f", "text", 0444);
    CHECK(refusal(wider) == "secret file can be read or written by others; run chmod 600 on it");
    CHECK(text_of(wider.path) == "text");
  }

  TEST_CASE("AT-38: of a file that is not refused it can be said why it is not private") {
    const TemporaryDirectory directory;
    for (const ::mode_t mode : {0640u, 0604u, 0620u, 0602u, 0610u, 0666u})
      CHECK(why_not_private(directory.write("f", "text", mode)) ==
            "can be read or written by others; run chmod 600 on it");
    const fs::path link = directory.path() / "link", pipe = directory.path() / "pipe";
    fs::create_symlink(directory.path() / "f", link);
    CHECK(why_not_private(link).has_value());
    for (const ::mode_t mode : {0600u, 0400u})
      CHECK(!why_not_private(directory.write("f", "text", mode)));
    REQUIRE(::mkfifo(pipe.c_str(), 0666) == 0);
    CHECK(!why_not_private(pipe));
    CHECK(!why_not_private(directory.path() / "none"));
  }

  TEST_CASE("what is no regular file is refused, and not waited for") {
    const TemporaryDirectory directory;
    const fs::path path = directory.path() / "f";
    fs::create_symlink(directory.write("target", "text"), path);
    CHECK(refusal(file_at(path)) == "secret file is a symbolic link; expected a regular file");
    fs::remove(path);
    fs::create_directory(path);
    CHECK(refusal(file_at(path)) == "secret file is no regular file");
    fs::remove(path);
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    CHECK(refusal(file_at(path)) == "secret file is no regular file");
  }

  TEST_CASE("a file may have as many bytes as allowed, and is not made larger") {
    const TemporaryDirectory directory;
    const PrivateFile file = file_at(directory.write("f", std::string(100, 'x')));
    CHECK(read_private_file(file)->size() == 100);
    CHECK(message_of([&] {
            change_private_file(file, [](const SecretValue& text) {
              return SecretValue(std::string(text.reveal()) + "y");
            });
          }) == "secret file would be larger than 100 bytes");
    CHECK(text_of(file.path) == std::string(100, 'x'));
    CHECK(directory.entries() == 1);
    directory.write("f", std::string(101, 'x'));
    CHECK(refusal(file) == "secret file is larger than 100 bytes");
  }

  TEST_CASE("a change that gives nothing leaves the file alone") {
    const TemporaryDirectory directory;
    const PrivateFile file = file_at(directory.write("f", "text", 0400));
    struct stat before {
    }, after{};
    REQUIRE(::chmod(file.path.c_str(), 0600) == 0);
    REQUIRE(::stat(file.path.c_str(), &before) == 0);
    change_private_file(file, [](const SecretValue&) { return std::nullopt; });
    REQUIRE(::stat(file.path.c_str(), &after) == 0);
    CHECK(before.st_ino == after.st_ino);
  }

  TEST_CASE("a change that fails leaves the file alone") {
    const TemporaryDirectory directory;
    const PrivateFile file = file_at(directory.write("f", "text"));
    CHECK(message_of([&] {
            change_private_file(file, [](const SecretValue&) -> std::optional<SecretValue> {
              throw Error(ErrorCode::corrupt, "no");
            });
          }) == "no");
    CHECK(text_of(file.path) == "text");
    CHECK(directory.entries() == 1);
  }

  TEST_CASE("a full disk leaves the file alone, and makes none") {
    const TemporaryDirectory directory;
    const PrivateFile file = file_at(directory.write("f", "text"));
    std::string changing, making;
    {
      const FullDisk full;
      changing = message_of([&] {
        change_private_file(file, [](const SecretValue&) { return SecretValue("more"); });
      });
      making = message_of([&] { create_private_file(file_at(directory.path() / "g"), view("x")); });
    }
    CHECK(changing == "cannot write secret file: File too large");
    CHECK(making == changing);
    CHECK(text_of(file.path) == "text");
    CHECK(directory.entries() == 1);
  }

  TEST_CASE("what is not there is neither changed nor made") {
    const TemporaryDirectory directory;
    const auto change = [](const SecretValue&) { return SecretValue("text"); };
    CHECK(message_of([&] { change_private_file(file_at(directory.path() / "f"), change); }) ==
          "cannot open secret file: No such file or directory");
    CHECK(message_of([&] {
            create_private_file(file_at(directory.path() / "no" / "f"), view("text"));
          }) == "cannot make secret file: No such file or directory");
    CHECK(directory.entries() == 0);
  }

  TEST_CASE("of changes at once none is lost") {
    constexpr int kThreads = 8, kChanges = 20;
    const TemporaryDirectory directory;
    const PrivateFile file = file_at(directory.write("f", "0"));
    std::vector<std::thread> threads;
    std::atomic<bool> go = false;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        while (!go) std::this_thread::yield();
        for (int change = 0; change < kChanges; ++change) {
          change_private_file(file, [](const SecretValue& text) {
            return SecretValue(std::to_string(number_in(text.reveal()) + 1));
          });
        }
      });
    }
    go = true;
    for (std::thread& thread : threads) thread.join();
    CHECK(text_of(file.path) == std::to_string(kThreads * kChanges));
    CHECK(directory.entries() == 1);
  }
}
