// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <chrono>
#include <cstring>
#include <functional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "elf_image.hpp"
#include "loader/plugin_file.hpp"
#include "plugin_directory.hpp"

namespace {

using namespace kist::core;
using kist::test::PluginDirectory;
using kist::test::read_whole_file;

// Versions of one plugin that differ at the start, in the middle and at the end, so that a mixture
// of two has the hash of none. Large enough to be read in several pieces.
std::vector<std::string> make_versions() {
  std::vector<std::string> versions;
  for (const char letter : {'a', 'b', 'c'}) {
    std::string bytes = read_whole_file(KIST_TEST_TINY_PLUGIN);
    const std::size_t id = bytes.find("org.example.tiny");
    bytes[id + 12] = letter;
    bytes.append(600000, letter);  // Behind the last segment, where no rule looks.
    versions.push_back(bytes);
  }
  return versions;
}

class Racer {
 public:
  explicit Racer(std::function<void(std::size_t)> step)
      : thread_([this, step = std::move(step)] {
          for (std::size_t i = 0; !stop_; ++i) step(i);
        }) {}
  ~Racer() {
    stop_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

struct Tally {
  int accepted = 0, refused = 0;
};

// Opens the plugin up to 2000 times within a second; every accepted one goes to `accept`.
template <class Accept>
Tally race(const PluginDirectory& directory, const PluginPolicy& policy, Accept accept) {
  Tally tally;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  for (int i = 0; i < 2000 && std::chrono::steady_clock::now() < end; ++i) {
    try {
      accept(check_plugin(open_plugin_file(directory.path(), "tiny.so"), policy));
      ++tally.accepted;
    } catch (const kist::Error&) {
      ++tally.refused;
    }
  }
  return tally;
}

}  // namespace

TEST_SUITE("core/loader/plugin_file") {
  TEST_CASE(
      "a plugin that is replaced by rename while it is loaded is one version or the other "
      "(AT-20)") {
    const PluginDirectory directory;
    const std::vector<std::string> versions = make_versions();
    std::set<std::string> hashes;
    for (const std::string& version : versions) {
      directory.write("tiny.so", version);
      hashes.insert(open_plugin_file(directory.path(), "tiny.so").sha256());
    }
    REQUIRE(hashes.size() == versions.size());

    const Racer racer([&](std::size_t i) {
      directory.write("new.tmp", versions[i % versions.size()]);
      std::filesystem::rename(directory.path() / "new.tmp", directory.path() / "tiny.so");
    });
    int wrong = 0;
    const Tally tally = race(directory, {}, [&](const CheckedPlugin& plugin) {
      if (!hashes.contains(plugin.file.sha256())) ++wrong;
    });
    CHECK(wrong == 0);
    CHECK(tally.accepted > 0);
  }

  TEST_CASE(
      "a plugin that is overwritten and truncated in place is the pinned one or refused (AT-20)") {
    const PluginDirectory directory;
    const std::vector<std::string> versions = make_versions();
    directory.write("tiny.so", versions[0]);
    PluginPolicy policy;
    policy.pins["tiny.so"] = open_plugin_file(directory.path(), "tiny.so").sha256();

    // What would be mapped is what was pinned, whatever happens to the file from then on.
    int wrong = 0;
    const auto accept = [&](const CheckedPlugin& plugin) {
      const auto bytes = plugin.file.bytes();
      if (std::memcmp(bytes.data(), versions[0].data(), versions[0].size()) != 0) ++wrong;
    };
    {
      const Racer racer([&](std::size_t i) {
        if (i % 64 != 0) return std::this_thread::yield();  // Leave the file alone for a while.
        directory.write("tiny.so", versions[i / 64 % versions.size()]);
        std::filesystem::resize_file(directory.path() / "tiny.so", i % 4096);
        directory.write("tiny.so", versions[0]);
      });
      race(directory, policy, accept);
    }
    CHECK(wrong == 0);
    CHECK(race(directory, policy, accept).refused == 0);  // The racer has left it whole.
  }
}
