// SPDX-License-Identifier: Apache-2.0
#include "config/configuration_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include <kist/error.hpp>

#include "../access/token_sample.hpp"
#include "message_of.hpp"
#include "sample_configuration.hpp"

using namespace kist::core;
using kist::core::testing::kSampleTokenHash;
using kist::core::testing::message_of;
using kist::core::testing::SampleConfiguration;
namespace fs = std::filesystem;

namespace {

/// An empty directory that goes away with the test.
class ScratchDirectory {
 public:
  ScratchDirectory() {
    std::string name = (fs::temp_directory_path() / "kist-config-XXXXXX").native();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~ScratchDirectory() { fs::remove_all(path_); }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  const fs::path& path() const { return path_; }
  fs::path write(std::string_view name, std::string_view content, ::mode_t mode = 0600) const {
    const fs::path file = path_ / name;
    std::ofstream(file) << content;
    REQUIRE(::chmod(file.c_str(), mode) == 0);
    return file;
  }

 private:
  fs::path path_;
};

FoundConfigurationFile named(const fs::path& path) { return {path, "named by --config", false}; }

}  // namespace

TEST_SUITE("core/config/configuration_file") {
  TEST_CASE("the file is --config, else KIST_CONFIG, else ./kist.json, else the system's") {
    const ScratchDirectory directory;
    const Environment none, set = {{"KIST_CONFIG", "env.json"}};
    ConfigurationSearch search{std::nullopt, none, directory.path(),
                               directory.path() / "system.json"};

    ConfigurationSearchResult result = find_configuration_file(search);
    CHECK(!result.file);
    CHECK(result.tried == std::vector<std::string>{
                              "--config: not given", "KIST_CONFIG: not set",
                              "'" + directory.path().native() + "/kist.json': no such file",
                              "'" + directory.path().native() + "/system.json': no such file"});

    directory.write("system.json", "{}");
    result = find_configuration_file(search);
    REQUIRE(result.file);
    CHECK(result.file->path == directory.path() / "system.json");
    CHECK(result.file->reason == "found in its system-wide place");
    CHECK(result.file->owner_matters);

    directory.write("kist.json", "{}");
    result = find_configuration_file(search);
    REQUIRE(result.file);
    CHECK(result.file->path == "kist.json");
    CHECK(result.file->reason == "found in the working directory");
    CHECK(result.tried.size() == 3);

    const ConfigurationSearch by_variable{std::nullopt, set, directory.path(), "/none"};
    result = find_configuration_file(by_variable);
    CHECK(result.file->path == "env.json");
    CHECK(result.file->reason == "named by KIST_CONFIG");
    CHECK(!result.file->owner_matters);

    const ConfigurationSearch by_option{"option.json", set, directory.path(), "/none"};
    result = find_configuration_file(by_option);
    CHECK(result.file->path == "option.json");
    CHECK(result.file->reason == "named by --config");
  }

  TEST_CASE("an empty name of a file is a mistake, not an absent one") {
    const Environment none, empty = {{"KIST_CONFIG", ""}};
    CHECK(message_of([&] {
            find_configuration_file({"", none, "/", "/none"});
          }) == "--config names no file");
    CHECK(message_of([&] {
            find_configuration_file({std::nullopt, empty, "/", "/none"});
          }) == "KIST_CONFIG is set but empty; unset it, or let it name a file");
  }

  TEST_CASE("a file is named in messages as its user named it, and read from where it lies") {
    const ScratchDirectory directory;
    fs::create_directory(directory.path() / "sub");
    directory.write("sub/kist.json", "{\"a\":}");
    CHECK(message_of([&] { read_configuration_file(named("sub/kist.json"), directory.path()); }) ==
          "sub/kist.json:1:6: expected a value, found '}'");
    directory.write("sub/kist.json", "{}");
    const ConfigurationFile file =
        read_configuration_file(named("sub/kist.json"), directory.path());
    CHECK(file.directory == directory.path() / "sub");
    CHECK(!file.readable_by_others);
  }

  TEST_CASE("AT-38: a file that its group or others may write to is refused") {
    const ScratchDirectory directory;
    for (const ::mode_t mode : {0620u, 0602u, 0666u}) {
      CAPTURE(mode);
      const fs::path path = directory.write("kist.json", "{}", mode);
      CHECK(message_of([&] { read_configuration_file(named("kist.json"), directory.path()); }) ==
            "cannot use 'kist.json': its group or others may write to it, and it decides which "
            "code is "
            "loaded; run chmod go-w on it");
    }
    for (const ::mode_t mode : {0600u, 0644u, 0640u, 0400u}) {
      CAPTURE(mode);
      directory.write("kist.json", "{}", mode | 0200u);
      CHECK(read_configuration_file(named("kist.json"), directory.path()).readable_by_others ==
            ((mode & 0044u) != 0));
    }
  }

  TEST_CASE("a file that was found, not named, must belong to the host's user or to root") {
    const ScratchDirectory directory;
    const fs::path path = directory.write("kist.json", "{}");
    const FoundConfigurationFile found{"kist.json", "found in the working directory", true};
    CHECK(message_of([&] { read_configuration_file(found, directory.path()); }) == "");
    if (::chown(path.c_str(), 4711, 4711) != 0) return;  // Only root can make the other case.
    CHECK(message_of([&] { read_configuration_file(found, directory.path()); }) ==
          "cannot use 'kist.json': it belongs to the user with id 4711; name it with --config if "
          "it is "
          "to be trusted");
    CHECK(message_of([&] { read_configuration_file(named("kist.json"), directory.path()); }) == "");
  }

  TEST_CASE("what is no regular file is refused without waiting for it") {
    const ScratchDirectory directory;
    const fs::path pipe = directory.path() / "pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    CHECK(message_of([&] { read_configuration_file(named("pipe"), directory.path()); }) ==
          "cannot use '" + pipe.native() + "': it is not a regular file");
    CHECK(message_of([&] { read_regular_file(directory.path(), 10); }) ==
          "cannot use '" + directory.path().native() + "': it is not a regular file");
    CHECK(message_of([&] { read_regular_file("/dev/zero", 10); }) ==
          "cannot use '/dev/zero': it is not a regular file");
    CHECK(message_of([&] { read_regular_file(directory.path() / "none", 10); }) ==
          "cannot use '" + (directory.path() / "none").native() + "': No such file or directory");
  }

  TEST_CASE("a file is read up to its limit and refused past it") {
    const ScratchDirectory directory;
    const fs::path path = directory.write("file", "0123456789");
    CHECK(read_regular_file(path, 10).reveal() == "0123456789");
    CHECK(message_of([&] { read_regular_file(path, 9); }) ==
          "cannot use '" + path.native() + "': it has more than 9 bytes");
    const fs::path link = directory.path() / "link";
    fs::create_symlink(path, link);
    CHECK(read_regular_file(link, 10).size() == 10);
  }

  TEST_CASE("a secret that stands in a file others can read is warned of") {
    CheckedOptions options;
    options.section = "secrets_store";
    const auto add = [&](const char* name, bool secret, Origin origin) {
      options.options.push_back(
          {name, OptionKind::string, secret, kist::SecretValue("canary"), origin});
    };
    add("token", true, {Origin::Source::file, "kist.json:1:2", {}});
    add("password", true, {Origin::Source::file, "kist.json:1:3", "${env:P}"});
    add("pin", true, {Origin::Source::environment, "environment X", {}});
    add("address", false, {Origin::Source::file, "kist.json:1:4", {}});
    ConfigurationFile file;
    CHECK(warn_of_readable_secrets(file, options).empty());
    file.readable_by_others = true;
    CHECK(warn_of_readable_secrets(file, options) ==
          std::vector<std::string>{"kist.json:1:2: the secret option 'token' of 'secrets_store' "
                                   "stands in a file that others "
                                   "can read; run chmod 600 on it, or refer to the secret with "
                                   "${file:PATH} or ${env:NAME}"});
  }

  TEST_CASE("so is a secret of any other section, and the hash of one is none") {
    const Configuration configuration = SampleConfiguration{
        R"({"secrets_store": {"type": "memory"},
        "sealing": {"current": "a", "keys": [
          {"id": "a", "pkcs11": {"module": "/p11.so", "token": "t", "label": "l", "pin": "canary"}},
          {"id": "b", "pkcs11": {"module": "/p11.so", "token": "t", "label": "l", "pin": "${env:P}"}}]},
        "principals": [{"name": "p", "token_hash": ")" +
            std::string(kSampleTokenHash) + R"(", "roles": {}}],
        "audit": {"signing_key": "canary"}})",
        {{"P", "canary"}}}.read();
    ConfigurationFile file;
    CHECK(warn_of_readable_secrets(file, configuration.settings).empty());
    file.readable_by_others = true;
    const std::string advice =
        "' stands in a file that others can read; run chmod 600 on it, or refer to the secret with "
        "${file:PATH} or ${env:NAME}";
    CHECK(
        warn_of_readable_secrets(file, configuration.settings) ==
        std::vector<std::string>{"kist.json:3:90: the secret 'sealing.keys[0].pkcs11.pin" + advice,
                                 "kist.json:6:34: the secret 'audit.signing_key" + advice});
  }
}
