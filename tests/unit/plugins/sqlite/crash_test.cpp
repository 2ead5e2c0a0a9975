// SPDX-License-Identifier: Apache-2.0
#include <sys/wait.h>

#include <csignal>

#include "store_fixture.hpp"

namespace kist::sqlite::test {

namespace {

/// A child process that runs `body` with a pipe to its parent.
class Child {
 public:
  explicit Child(const std::function<void(int pipe)>& body) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::close(ends[0]);
      try {
        body(ends[1]);
      } catch (const std::exception&) {
        ::_exit(1);
      }
      ::_exit(0);
    }
    ::close(ends[1]);
    pipe_ = ends[0];
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() { ::close(pipe_); }

  /// False at the end of the pipe.
  bool read(std::uint64_t& number) const {
    return ::read(pipe_, &number, sizeof(number)) == sizeof(number);
  }
  void kill() const { ::kill(pid_, SIGKILL); }
  int wait() const {
    int status = -1;
    ::waitpid(pid_, &status, 0);
    return status;
  }

 private:
  pid_t pid_ = -1;
  int pipe_ = -1;
};

void send(int pipe, std::uint64_t number) {
  if (::write(pipe, &number, sizeof(number)) != sizeof(number)) ::_exit(2);
}

/// Writes until it is killed: creates secret n, sets its two keys to one number in turn, deletes
/// every third; and tells of each step that was acknowledged.
void write_for_ever(const std::filesystem::path& path, int pipe) {
  const auto store = open_store(path);
  TestCall call;
  for (std::uint64_t number = 1;; ++number) {
    store->create_secret(call, make_secret(number, "n" + std::to_string(number)));
    send(pipe, number * 10 + 1);
    SecretUpdate update = update_of(number);
    update.values.emplace().set("left", std::to_string(number));
    update.values->set("right", std::to_string(number));
    update.name = "renamed" + std::to_string(number);
    store->update_secret(call, update);
    send(pipe, number * 10 + 2);
    if (number % 3 != 0) continue;
    store->delete_secret(call, uuid(number), std::nullopt);
    send(pipe, number * 10 + 3);
  }
}

/// The steps of secret `number` that can be seen: 1 created, 2 changed, 3 deleted (or never there).
int step_seen(SqliteStore& store, std::uint64_t number) {
  TestCall call;
  try {
    const Secret secret = store.get_secret(call, uuid(number));
    if (secret.revision == 1) {
      CHECK(secret.name == "n" + std::to_string(number));
      CHECK(secret.values.size() == 1);
      return 1;
    }
    CHECK(secret.name == "renamed" + std::to_string(number));
    REQUIRE(secret.values.size() == 3);
    CHECK(secret.values.find("left")->reveal() == std::to_string(number));
    CHECK(secret.values.find("right")->reveal() == std::to_string(number));
    return 2;
  } catch (const Error& error) {
    REQUIRE(to_string(error.code) == "not_found");
    return 3;
  }
}

}  // namespace

TEST_SUITE("plugins/sqlite/crash") {
  TEST_CASE("after kill -9 nothing acknowledged is lost, and nothing is torn") {
    const std::uint64_t seed = std::random_device()();
    INFO("seed ", seed);
    std::mt19937_64 random(seed);
    for (int round = 0; round < 20; ++round) {
      const TemporaryDirectory directory;
      const Child child([&](int pipe) { write_for_ever(directory.file(), pipe); });
      const auto steps_before_kill = std::uniform_int_distribution<int>(1, 60)(random);
      std::uint64_t told = 0, acknowledged = 0;
      for (int i = 0; i < steps_before_kill && child.read(told); ++i) acknowledged = told;
      child.kill();
      while (child.read(told)) acknowledged = told;
      child.wait();

      const auto store = open_store(directory.file());
      const std::uint64_t last = acknowledged / 10;
      const int last_step = static_cast<int>(acknowledged % 10);
      for (std::uint64_t number = 1; number < last; ++number)
        CHECK(step_seen(*store, number) == (number % 3 == 0 ? 3 : 2));
      const int seen = step_seen(*store, last);
      CHECK(seen >= last_step);
      CHECK(seen <= last_step + 1);
      CHECK(Sql(directory.file()).rows("PRAGMA integrity_check") == std::vector<std::string>{"ok"});
      ListQuery all;
      all.with_total = true;
      const RowCollector rows = list(*store, all);
      CHECK(rows.counted == rows.rows.size());
    }
  }

  TEST_CASE("of processes that create one name, exactly one wins") {
    for (int round = 0; round < 10; ++round) {
      const TemporaryDirectory directory;
      open_store(directory.file());
      std::vector<std::unique_ptr<Child>> children;
      for (std::uint64_t i = 1; i <= 4; ++i) {
        children.push_back(std::make_unique<Child>([&, i](int pipe) {
          const auto store = open_store(directory.file());
          TestCall call;
          for (std::uint64_t name = 0; name < 20; ++name) {
            try {
              store->create_secret(call, make_secret(i * 100 + name, std::to_string(name)));
              send(pipe, 1);
            } catch (const Error& error) {
              send(pipe, error.code == ErrorCode::already_exists ? 0 : 1000);
            }
          }
        }));
      }
      std::uint64_t won = 0, number = 0;
      for (const auto& child : children) {
        while (child->read(number)) won += number;
        CHECK(child->wait() == 0);
      }
      CHECK(won == 20);
      CHECK(list(*open_store(directory.file()), {}).rows.size() == 20);
    }
  }
}

}  // namespace kist::sqlite::test
