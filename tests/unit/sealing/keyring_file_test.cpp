// SPDX-License-Identifier: Apache-2.0
#include "sealing/keyring_file.hpp"

#include <atomic>
#include <chrono>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "../config/message_of.hpp"
#include "../config/temporary_directory.hpp"

using namespace kist;
using namespace kist::core;
using namespace kist::core::testing;
namespace fs = std::filesystem;

namespace {

const std::string kDigits(64, 'a');

/// "k1 k2": the ids of the file, in its order.
std::string ids_of(const fs::path& path) {
  std::string ids;
  const auto keys = read_keyring_file(path);
  REQUIRE(keys);
  for (const KeyLine& key : *keys) ids += (ids.empty() ? "" : " ") + *key.id;
  return ids;
}

std::string refusal(const fs::path& path) {
  const std::string message = message_of([&] { read_keyring_file(path); });
  CHECK(message_of([&] { add_key(path); }) == message);
  return message;
}

}  // namespace

TEST_SUITE("core/sealing/keyring_file") {
  TEST_CASE("a new keyring file has one key, and says what it is") {
    const TemporaryDirectory directory;
    const fs::path path = directory.path() / "kist-keyring";
    CHECK(!read_keyring_file(path));
    const auto before = std::chrono::system_clock::now() - std::chrono::seconds(1);
    create_keyring_file(path);
    const auto keys = read_keyring_file(path);
    REQUIRE(keys);
    REQUIRE(keys->size() == 1);
    CHECK(keys->front().id == "k1");
    CHECK(keys->front().creation >= before);
    CHECK(keys->front().creation <= std::chrono::system_clock::now());
    const std::string text = text_of(path);
    CHECK(
        text.starts_with("# Kist keyring. It opens the secrets of its store, and without it they "
                         "are lost.\n# Keep a copy, apart from the store and its backups:"));
    CHECK(directory.entries() == 1);
  }

  TEST_CASE("no two new keys are the same") {
    const TemporaryDirectory directory;
    create_keyring_file(directory.path() / "a");
    create_keyring_file(directory.path() / "b");
    CHECK(read_keyring_file(directory.path() / "a")->front().key.reveal() !=
          read_keyring_file(directory.path() / "b")->front().key.reveal());
  }

  TEST_CASE("a keyring file that is there is not made again") {
    const TemporaryDirectory directory;
    const fs::path path = directory.write("kist-keyring", "anything");
    CHECK(message_of([&] { create_keyring_file(path); }) ==
          "keyring file '" + path.native() + "' is there already");
    CHECK(text_of(path) == "anything");
  }

  TEST_CASE("AT-38: a keyring file is for its owner alone, made and rotated, whatever the umask") {
    const TemporaryDirectory directory;
    const fs::path path = directory.path() / "kist-keyring";
    const Umask umask(0);
    create_keyring_file(path);
    CHECK(mode_of(path) == 0600);
    add_key(path);
    CHECK(mode_of(path) == 0600);
  }

  TEST_CASE("AT-38: a keyring file that others may read is refused") {
    const TemporaryDirectory directory;
    for (const ::mode_t mode : {0640u, 0604u, 0620u, 0602u}) {
      const fs::path path = directory.write("keyring", "k1 " + kDigits + "\n", mode);
      CHECK(refusal(path) == "keyring file '" + path.native() +
                                 "' can be read or written by others; run chmod 600 on it");
    }
  }

  TEST_CASE("a file without a key, or with one without an id, is no keyring file") {
    const TemporaryDirectory directory;
    const fs::path path = directory.write("keyring", "# all gone\n");
    const std::string name = "keyring file '" + path.native() + "'";
    CHECK(refusal(path) == name + " has no key; restore it from your backup");
    directory.write("keyring", kDigits + "\n");
    CHECK(refusal(path) == name + " has a key without an id; write one before it, such as 'k1'");
    directory.write("keyring", "k1 canary\n");
    CHECK(refusal(path).starts_with(name + ", line 1: expected a key id, a key of 64"));
    CHECK(text_of(path) == "k1 canary\n");
  }

  TEST_CASE("a key is added as the last line, and the rest stays byte for byte") {
    struct Case {
      std::string text, added;
    };
    const Case cases[] = {
        {"k1 " + kDigits + "\n", "k2"},
        {"# mine\r\n\r\n k1\t" + kDigits + "\r\n#end", "k2"},
        {"k1 " + kDigits, "k2"},
        {"k7 " + kDigits + "\nk3 " + std::string(64, 'B') + "\n", "k8"},
        {"office " + kDigits + "\n", "k1"},
        {"k09 " + kDigits + "\n", "k10"},
        {"K5 " + kDigits + "\n", "k1"},
        {"k " + kDigits + "\n", "k1"},
        {"k2b " + kDigits + "\n", "k1"},
        {"k-3 " + kDigits + "\n", "k1"},
        {"k999999999 " + kDigits + "\n", "k1000000000"},
        {"k20260131120000 " + kDigits + "\n", "k1"},
        {"k99999999999999999999999 " + kDigits + "\n", "k1"},
    };
    for (const Case& item : cases) {
      CAPTURE(item.text);
      const TemporaryDirectory directory;
      const fs::path path = directory.write("keyring", item.text);
      const std::string before = ids_of(path);
      CHECK(add_key(path) == item.added);
      CHECK(ids_of(path) == before + " " + item.added);
      CHECK(text_of(path).starts_with(item.text));
      CHECK(directory.entries() == 1);
    }
  }

  TEST_CASE("no key is added where there is no file, nor where there is no room") {
    const TemporaryDirectory directory;
    const fs::path path = directory.path() / "keyring";
    CHECK(message_of([&] { add_key(path); }) ==
          "cannot open keyring file '" + path.native() + "': No such file or directory");
    const std::string key = "k1 " + kDigits + "\n#";
    const std::string full = key + std::string(kMaxKeyringBytes - key.size(), '-');
    directory.write("keyring", full);
    CHECK(message_of([&] { add_key(path); }) ==
          "keyring file '" + path.native() + "' would be larger than 65536 bytes");
    CHECK(text_of(path) == full);
  }

  TEST_CASE("of rotations at once all survive") {
    constexpr std::size_t kThreads = 8;
    const TemporaryDirectory directory;
    const fs::path path = directory.path() / "keyring";
    create_keyring_file(path);
    std::vector<std::string> added(kThreads);
    std::vector<std::thread> threads;
    std::atomic<bool> go = false;
    for (std::size_t i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        while (!go) std::this_thread::yield();
        added[i] = add_key(path);
      });
    }
    go = true;
    for (std::thread& thread : threads) thread.join();
    CHECK(std::set<std::string>(added.begin(), added.end()).size() == kThreads);
    CHECK(ids_of(path) == "k1 k2 k3 k4 k5 k6 k7 k8 k9");
    CHECK(directory.entries() == 1);
  }
}
