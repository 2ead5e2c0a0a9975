// SPDX-License-Identifier: Apache-2.0
// The store by itself, linked into this program, with a host that is made for tests. No Kist is
// needed, and a debugger sees all of it.

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include <kist/fake_host.hpp>

namespace {

using kist::ErrorCode;
using kist::fake_secret;

int failed_checks = 0;

#define CHECK(condition)                                          \
  do {                                                            \
    if (!(condition)) {                                           \
      std::printf("%s:%d: %s\n", __FILE__, __LINE__, #condition); \
      ++failed_checks;                                            \
    }                                                             \
  } while (false)

/// What `call` fails with; nothing, if it does not.
template <class Call>
std::optional<ErrorCode> failure_of(Call&& call) {
  try {
    call();
    return std::nullopt;
  } catch (const kist::Error& error) {
    return error.code;
  }
}

class Directory {
 public:
  Directory() : path_(std::filesystem::temp_directory_path() / "sample-XXXXXX") {
    if (::mkdtemp(path_.data()) == nullptr) std::abort();
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

void what_is_created_is_read_back(const kist::FakeStore& store) {
  store.create(fake_secret(1, "first", {{"user", "app"}, {"empty", ""}}));
  const kist::Secret read = store.get(fake_secret(1, "first").id);
  CHECK(read.name == "first" && read.revision == 1 && read.values.size() == 2);
  const auto user = read.values.find("user");
  CHECK(user && user->reveal() == "app");
  CHECK(store.list().rows.size() == 1);
}

void a_name_is_given_once(const kist::FakeStore& store) {
  CHECK(failure_of([&] { store.create(fake_secret(2, "first")); }) == ErrorCode::already_exists);
  CHECK(failure_of([&] { store.get(fake_secret(2, "").id); }) == ErrorCode::not_found);
}

void memory_that_runs_out_is_an_error(const kist::FakeHost& host, const kist::FakeStore& store) {
  std::size_t allocation = 0;
  do {
    host->fail_allocation = ++allocation;
    const auto failure = failure_of([&] { store.get(fake_secret(1, "").id); });
    const bool has_run_out = host->fail_allocation == 0;
    CHECK(has_run_out ? failure == ErrorCode::resource_exhausted : !failure);
  } while (host->fail_allocation == 0);
  CHECK(allocation > 1);
  host->fail_allocation = 0;
}

void who_gives_up_gets_nothing(const kist::FakeHost& host, const kist::FakeStore& store) {
  host->cancel_at = 1;
  CHECK(failure_of([&] { store.create(fake_secret(3, "third")); }) == ErrorCode::cancelled);
  host->cancel_at = 0;
  host->deadline_ns = 1;
  CHECK(failure_of([&] { store.create(fake_secret(3, "third")); }) == ErrorCode::deadline_exceeded);
  host->deadline_ns = 0;
  CHECK(store.list().rows.size() == 1);
}

}  // namespace

int main() {
  const Directory directory;
  const kist::FakeHost host;
  {
    const kist::FakeStore store = host.open("sample", {{"root", directory.path()}});
    what_is_created_is_read_back(store);
    a_name_is_given_once(store);
    memory_that_runs_out_is_an_error(host, store);
    who_gives_up_gets_nothing(host, store);
  }
  CHECK(host.misuse() == "");
  CHECK(host.secure_blocks() == 0);
  return failed_checks == 0 ? 0 : 1;
}
