// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <fstream>

#include "store_fixture.hpp"

namespace kist::sqlite::test {

namespace {

unsigned mode_of(const std::filesystem::path& path) {
  struct stat file {};
  REQUIRE(::stat(path.c_str(), &file) == 0);
  return file.st_mode & 07777;
}

class Umask {
 public:
  explicit Umask(mode_t mask) : before_(::umask(mask)) {}
  Umask(const Umask&) = delete;
  Umask& operator=(const Umask&) = delete;
  ~Umask() { ::umask(before_); }

 private:
  mode_t before_;
};

void write_file(const std::filesystem::path& path, const std::string& bytes, mode_t mode = 0600) {
  std::ofstream(path) << bytes;
  REQUIRE(::chmod(path.c_str(), mode) == 0);
}

}  // namespace

TEST_SUITE("plugins/sqlite/open") {
  TEST_CASE("the database and its log are for their owner alone, whatever the umask") {
    for (const mode_t mask : {0u, 0022u, 0777u}) {
      CAPTURE(mask);
      const TemporaryDirectory directory;
      const Umask umask(mask);
      const auto store = open_store(directory.file());
      TestCall call;
      store->create_secret(call, make_secret(1, "one"));
      for (const char* name : {"kist.db", "kist.db-wal", "kist.db-shm"}) {
        CAPTURE(name);
        CHECK(mode_of(directory.file(name)) == 0600);
      }
    }
  }

  TEST_CASE("a file that others may read or write is refused, by its mode") {
    const TemporaryDirectory directory;
    for (const auto& [mode, text] : {std::pair<mode_t, std::string>{0640, "0640"},
                                     {0604, "0604"},
                                     {0620, "0620"},
                                     {0400, "0400"}}) {
      write_file(directory.file(), "", mode);
      const Error error = error_of([&] { open_store(directory.file()); });
      CHECK(to_string(error.code) == "failed_precondition");
      CHECK(error.message() == "sqlite: cannot open '" + directory.file().string() +
                                   "': its mode is " + text + ", expected 0600");
    }
  }

  TEST_CASE("a log that others may read is refused") {
    const TemporaryDirectory directory;
    write_file(directory.file("kist.db-wal"), "", 0644);
    CHECK(error_of([&] { open_store(directory.file()); }).message() ==
          "sqlite: cannot open '" + directory.file().string() +
              "-wal': its mode is 0644, expected 0600");
  }

  TEST_CASE("what is no database file of ours is refused, with the reason") {
    const TemporaryDirectory directory;
    std::filesystem::create_directory(directory.file("directory"));
    std::filesystem::create_symlink(directory.file("real.db"), directory.file("link.db"));
    REQUIRE(::mkfifo(directory.file("fifo").c_str(), 0600) == 0);
    write_file(directory.file("garbage"), std::string(8192, 'g'));
    Sql(directory.file("foreign.db")).run("CREATE TABLE t (x)");
    REQUIRE(::chmod(directory.file("foreign.db").c_str(), 0600) == 0);
    const struct {
      std::string_view name, code, reason;
    } cases[] = {
        {"directory", "failed_precondition", "it is not a regular file"},
        {"link.db", "failed_precondition", "it is a symbolic link"},
        {"fifo", "failed_precondition", "it is not a regular file"},
        {"garbage", "corrupt", "file is not a database"},
        {"foreign.db", "failed_precondition", "it is a database, but not one of a Kist store"},
        {"none/kist.db", "failed_precondition",
         "its directory cannot be reached (No such file or directory); it must exist, and is not "
         "created"},
    };
    for (const auto& row : cases) {
      CAPTURE(row.name);
      const Error error = error_of([&] { open_store(directory.file(row.name)); });
      CHECK(to_string(error.code) == row.code);
      const std::string message(error.message());
      CHECK(message.find(directory.file(row.name).string()) != std::string::npos);
      CHECK(message.substr(message.rfind("': ") + 3) == row.reason);
    }
    CHECK(to_string(error_of([] { open_store(std::filesystem::path("kist.db")); }).code) ==
          "invalid_argument");
    CHECK_FALSE(std::filesystem::exists(directory.file("real.db")));
  }

  TEST_CASE("a symbolic link to the directory is followed") {
    const TemporaryDirectory directory;
    std::filesystem::create_directory(directory.file("real"));
    std::filesystem::create_symlink(directory.file("real"), directory.file("link"));
    open_store(directory.file("link/kist.db"));
    CHECK(std::filesystem::exists(directory.file("real/kist.db")));
  }

  TEST_CASE("one file serves one deployment") {
    const TemporaryDirectory directory;
    open_store(directory.file());
    const Error error = error_of([&] { open_store(config_for(directory.file()), uuid(0x07e4)); });
    CHECK(to_string(error.code) == "failed_precondition");
    CHECK(
        error.message() ==
        "sqlite: cannot use '" + directory.file().string() +
            "': it holds the secrets of deployment 00000000-0000-0000-0000-000000deb107, and this "
            "is deployment 00000000-0000-0000-0000-0000000007e4; give that deployment_id in the "
            "configuration, or restore kist-deployment.json beside the file");
  }

  TEST_CASE("a store whose file was removed or replaced says so, and asks to be opened anew") {
    const TemporaryDirectory directory;
    const auto store = open_store(directory.file());
    TestCall call;
    store->create_secret(call, make_secret(1, "one"));
    std::filesystem::rename(directory.file(), directory.file("moved.db"));
    for (const Error& error : {error_of([&] { store->check_health(call); }), error_of([&] {
                                 store->create_secret(call, make_secret(2, "b"));
                               })}) {
      CHECK(to_string(error.code) == "unavailable");
      CHECK(error.store_broken);
    }
  }

  TEST_CASE("two stores of one process share a file, and closing one leaves the other its locks") {
    const TemporaryDirectory directory;
    const auto first = open_store(directory.file());
    open_store(directory.file());
    TestCall call;
    first->create_secret(call, make_secret(1, "one"));
    CHECK(open_store(directory.file())->get_secret(call, uuid(1)).name == "one");
  }
}

}  // namespace kist::sqlite::test
