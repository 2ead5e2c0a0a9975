// SPDX-License-Identifier: Apache-2.0
#include "serve/development.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <kist/error.hpp>

#include "access/token.hpp"
#include "cli/standard_streams.hpp"
#include "config/private_file.hpp"
#include "text/printable.hpp"

namespace kist::serve {
namespace {

constexpr std::string_view kPrincipal = "dev";
constexpr std::size_t kConfigurationBytesMax = 4096;
constexpr std::string_view kDirectoryPrefix = "kist-dev.";
constexpr const char* kLockName = "lock";

/// Of this user and in memory, where the system has such a place.
std::filesystem::path parent_directory(const core::Environment& environment) {
  const SecretValue* const runtime = environment.find("XDG_RUNTIME_DIR");
  return runtime != nullptr && !runtime->empty() ? runtime->reveal() : "/tmp";
}

[[noreturn]] void fail(const char* action, const std::string& path) {
  const int error = errno;
  throw Error(core::code_of_system_error(error), std::string(action) + " " +
                                                     core::in_quotes(path, 4096) + ": " +
                                                     std::generic_category().message(error));
}

std::filesystem::path new_directory(const std::filesystem::path& parent) {
  std::string name = parent / (std::string(kDirectoryPrefix) + "XXXXXX");
  if (::mkdtemp(name.data()) == nullptr) fail("cannot make a directory such as", name);
  return name;
}

/// The lock gets its name when it is held: a lock that can be had belongs to nobody any more.
core::FileDescriptor locked(const std::filesystem::path& directory) {
  const std::string made = directory / "lock.new";
  core::FileDescriptor lock(::open(made.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!lock || ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0 ||
      ::rename(made.c_str(), (directory / kLockName).c_str()) != 0)
    fail("cannot lock the directory", directory);
  return lock;
}

/// Whether this is a directory of ours, which nobody else may enter, and whose process has ended.
bool is_left_behind(const std::filesystem::path& path) {
  const core::FileDescriptor directory(
      ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat status {};
  if (!directory || ::fstat(directory.get(), &status) != 0 || status.st_uid != ::geteuid() ||
      (status.st_mode & 0077) != 0)
    return false;
  const core::FileDescriptor lock(
      ::openat(directory.get(), kLockName, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  return lock && ::flock(lock.get(), LOCK_EX | LOCK_NB) == 0;
}

void remove_those_left_behind(const std::filesystem::path& parent) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(parent, ignored)) {
    if (entry.path().filename().native().starts_with(kDirectoryPrefix) &&
        is_left_behind(entry.path()))
      std::filesystem::remove_all(entry.path(), ignored);
  }
}

std::string configuration_text(const std::string& token_hash) {
  const boost::json::value document = {
      {"secrets_store", {{"type", "sqlite"}, {"path", "secrets.db"}}},
      {"principals",
       boost::json::array{
           {{"name", kPrincipal}, {"token_hash", token_hash}, {"roles", {{"*", "admin"}}}}}}};
  return boost::json::serialize(document);
}

}  // namespace

Development::Development(const core::Environment& environment)
    : directory_(new_directory(parent_directory(environment))),
      lock_(locked(directory_)),
      token_(core::new_token()) {
  remove_those_left_behind(directory_.parent_path());
  const std::string hash = core::TokenHash::make(token_.view(), kPrincipal).to_string();
  const core::PrivateFile file{configuration(), "configuration " + configuration().native(),
                               kConfigurationBytesMax};
  core::create_private_file(file, SecretView(configuration_text(hash)));
}

Development::~Development() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void Development::introduce(const std::string& address) const {
  const std::string directory = directory_.native();
  cli::write_output(
      "Kist serves at http://" + address +
      " for development: all of it is gone when it stops.\n\n  export KIST_SERVER=http://" +
      address + "\n  export KIST_TOKEN=");
  cli::write_output(token_.reveal());
  cli::write_output(
      "\n\nThen, from another terminal:\n\n"
      "  kist secret create db user=app password\n"
      "  kist secret get db --key password\n"
      "  curl -H \"Authorization: Bearer $KIST_TOKEN\" $KIST_SERVER/api/v1/secrets\n\n"
      "The store, its keyring and the audit log lie in " +
      directory + ".\n");
}

}  // namespace kist::serve
