// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <boost/json/object.hpp>
#include <doctest/doctest.h>

#include "kist_process.hpp"

using namespace kist::testing;
namespace fs = std::filesystem;

namespace {

std::string deployment_of(const Workplace& workplace) {
  return text_of(workplace.done_json({"store", "info"}).at("deployment_id"));
}

}  // namespace

TEST_SUITE("system/deployment") {
  TEST_CASE(
      "a store that keeps secrets keeps its deployment beside it, one that forgets does not") {
    const Workplace kept(R"("type": "sqlite", "path": "data/secrets.db")");
    fs::create_directory(kept.path() / "data");
    const std::string first = deployment_of(kept);
    CHECK(deployment_of(kept) == first);
    CHECK(fs::exists(kept.path() / "data/kist-deployment.json"));
    CHECK(!fs::exists(kept.path() / "kist-deployment.json"));

    const Workplace forgotten(R"("type": "memory")");
    CHECK(deployment_of(forgotten) != deployment_of(forgotten));
    CHECK(!fs::exists(forgotten.path() / "kist-deployment.json"));
  }

  TEST_CASE("a store in a directory that is not there is answered with the option to look at") {
    const Workplace workplace(R"("type": "sqlite", "path": "/nope/secrets.db")");
    const Ended ended = workplace.kist({"secret", "list"});
    CHECK(ended.exit_code == 6);
    CHECK(ended.err ==
          "kist: failed_precondition: the directory '/nope' of the store's option 'path' does not "
          "exist; create it first\n");
  }

  TEST_CASE("an id in the configuration wins") {
    const std::string id = "3f0c0000-0000-4000-8000-000000000001";
    const Workplace workplace;
    workplace.configure(R"({"deployment_id": ")" + id +
                        R"(", "secrets_store": {"type": "sqlite", "path": "secrets.db"}})");
    CHECK(deployment_of(workplace) == id);
  }

  TEST_CASE("AT-38: what is made is for its owner alone, and a wider deployment file is refused") {
    const Workplace workplace;
    workplace.done({"secret", "create", "s"});
    for (const auto& entry : fs::directory_iterator(workplace.path())) {
      struct stat status {};
      REQUIRE(::stat(entry.path().c_str(), &status) == 0);
      CAPTURE(entry.path());
      CHECK((status.st_mode & 077) == 0);
    }
    const fs::path file = workplace.path() / "kist-deployment.json";
    fs::permissions(file, fs::perms::group_read, fs::perm_options::add);
    const Ended ended = workplace.kist({"secret", "list"});
    CHECK(ended.exit_code == 6);
    CHECK(ended.err == "kist: failed_precondition: deployment file '" + file.native() +
                           "' can be read or written by others; run chmod 600 on it\n");
  }

  TEST_CASE("processes that start at once on a new store agree, and none loses a secret") {
    constexpr int kProcesses = 6;
    const Workplace workplace;
    std::vector<std::thread> threads;
    std::vector<int> codes(kProcesses, -1);
    for (int i = 0; i < kProcesses; ++i) {
      threads.emplace_back([&, i] {
        codes[static_cast<std::size_t>(i)] =
            workplace.kist({"secret", "create", "s" + std::to_string(i)}).exit_code;
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(codes == std::vector<int>(kProcesses, 0));
    CHECK(workplace.done_json({"secret", "list"}).at("total") == kProcesses);
  }

  TEST_CASE("of processes that create one name at once exactly one wins") {
    constexpr int kProcesses = 6;
    const Workplace workplace;
    workplace.done({"secret", "list"});
    std::vector<std::thread> threads;
    std::vector<int> codes(kProcesses, -1);
    for (int i = 0; i < kProcesses; ++i) {
      threads.emplace_back([&, i] {
        codes[static_cast<std::size_t>(i)] = workplace.kist({"secret", "create", "s"}).exit_code;
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(std::count(codes.begin(), codes.end(), 0) == 1);
    CHECK(std::count(codes.begin(), codes.end(), 5) == kProcesses - 1);
  }
}
