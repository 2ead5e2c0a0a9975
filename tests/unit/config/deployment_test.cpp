// SPDX-License-Identifier: Apache-2.0
#include "config/deployment.hpp"

#include <sys/stat.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "message_of.hpp"
#include "secrets/uuid.hpp"

using namespace kist;
using namespace kist::core;
using kist::core::testing::message_of;
namespace fs = std::filesystem;

namespace {

/// A directory for one deployment file.
class DeploymentPlace {
 public:
  DeploymentPlace() {
    std::string name = (fs::temp_directory_path() / "kist-deployment-XXXXXX").native();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    directory_ = name;
  }
  ~DeploymentPlace() { fs::remove_all(directory_); }
  DeploymentPlace(const DeploymentPlace&) = delete;
  DeploymentPlace& operator=(const DeploymentPlace&) = delete;

  const fs::path& directory() const { return directory_; }
  DeploymentDirectory as_directory() const { return {directory_, "the store's option 'path'"}; }
  fs::path file() const { return directory_ / kDeploymentFileName; }
  void write(std::string_view text, ::mode_t mode = 0600) const {
    std::ofstream(file()) << text;
    REQUIRE(::chmod(file().c_str(), mode) == 0);
  }
  std::string refusal() const {
    std::string message = message_of([&] { open_deployment(as_directory(), std::nullopt); });
    const std::string start = "deployment file '" + file().native() + "' ";
    return message.starts_with(start) ? message.substr(start.size()) : message;
  }

 private:
  fs::path directory_;
};

const std::string kKey(64, 'a');
const std::string kGood =
    "{\"deployment_id\": \"3f0c0000-0000-4000-8000-000000000001\", "
    "\"cursor_key\": \"" +
    kKey + "\"}";

/// kGood with the member `key_checks`.
std::string with_checks(const std::string& checks) {
  return kGood.substr(0, kGood.size() - 1) + ", \"key_checks\": " + checks + "}";
}

WrappedKey wrapped_key(char byte) {
  WrappedKey key;
  key.fill(byte);
  return key;
}

StoreTypeManifest manifest_with(std::vector<std::string> capabilities) {
  StoreTypeManifest manifest;
  manifest.type = "some";
  manifest.capabilities = std::move(capabilities);
  return manifest;
}

CheckedOptions options_with_path(std::string_view path) {
  CheckedOptions options;
  options.options.push_back({"size", OptionKind::integer, false, SecretValue("3"), {}});
  options.options.push_back({"path", OptionKind::path, false, SecretValue(path), {}});
  return options;
}

}  // namespace

TEST_SUITE("core/config/deployment") {
  TEST_CASE("a deployment is made once, and found again") {
    const DeploymentPlace place;
    const Deployment made = open_deployment(place.as_directory(), std::nullopt);
    const Deployment found = open_deployment(place.as_directory(), std::nullopt);
    CHECK(found.id == made.id);
    CHECK(found.cursor_key == made.cursor_key);
    const auto entries = std::distance(fs::directory_iterator(place.directory()), {});
    CHECK(entries == 1);  // No draft stays behind.
  }

  TEST_CASE("AT-38: its file is for its owner alone, whatever the umask") {
    const DeploymentPlace place;
    const ::mode_t before = ::umask(0);
    open_deployment(place.as_directory(), std::nullopt);
    ::umask(before);
    struct stat status {};
    REQUIRE(::stat(place.file().c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 0600);
  }

  TEST_CASE("an id that is configured wins, and the key stays") {
    const DeploymentPlace place;
    place.write(kGood);
    const Uuid other = new_uuid();
    const Deployment found = open_deployment(place.as_directory(), other);
    CHECK(found.id == other);
    CHECK(found.cursor_key == open_deployment(place.as_directory(), std::nullopt).cursor_key);
    CHECK(open_deployment(place.as_directory(), std::nullopt).id.to_string() ==
          "3f0c0000-0000-4000-8000-000000000001");
  }

  TEST_CASE("hosts that start at once agree") {
    constexpr std::size_t kHosts = 8;
    const DeploymentPlace place;
    std::vector<Deployment> seen(kHosts);
    std::vector<std::thread> hosts;
    std::atomic<bool> go = false;
    for (std::size_t i = 0; i < kHosts; ++i) {
      hosts.emplace_back([&, i] {
        while (!go) std::this_thread::yield();
        seen[i] = open_deployment(place.as_directory(), std::nullopt);
      });
    }
    go = true;
    for (std::thread& host : hosts) host.join();
    for (const Deployment& deployment : seen) {
      CHECK(deployment.id == seen[0].id);
      CHECK(deployment.cursor_key == seen[0].cursor_key);
    }
  }

  TEST_CASE("a file that cannot be trusted is refused, and stays as it is") {
    struct Case {
      std::string text;
      ::mode_t mode;
      std::string refusal;
    };
    const std::string restore = "; restore it from a backup";
    const Case cases[] = {
        {kGood, 0640, "can be read or written by others; run chmod 600 on it"},
        {kGood, 0602, "can be read or written by others; run chmod 600 on it"},
        {"", 0600, "is damaged: it is no JSON" + restore},
        {kGood.substr(0, 90), 0600, "is damaged: it is no JSON" + restore},
        {"[]", 0600, "is damaged: it has no 'deployment_id' that is a UUID" + restore},
        {"{\"deployment_id\": 7}", 0600,
         "is damaged: it has no 'deployment_id' that is a UUID" + restore},
        {"{\"deployment_id\": \"3f0c0000-0000-4000-8000-000000000001\"}", 0600,
         "is damaged: it has no 'cursor_key' of 64 hexadecimal digits" + restore},
        {"{\"deployment_id\": \"3f0c0000-0000-4000-8000-000000000001\", \"cursor_key\": \"" +
             kKey.substr(1) + "\"}",
         0600, "is damaged: it has no 'cursor_key' of 64 hexadecimal digits" + restore},
        {with_checks("[]"), 0600, "is damaged: its 'key_checks' are no object" + restore},
        {with_checks("{\"k1\": \"" + kKey + "\"}"), 0600,
         "is damaged: its key check 'k1' is not one of 120 hexadecimal digits under a key id" +
             restore},
        {with_checks("{\"k/1\": \"" + std::string(120, 'b') + "\"}"), 0600,
         "is damaged: its key check 'k/1' is not one of 120 hexadecimal digits under a key id" +
             restore},
        {with_checks("{\"k1\": 7}"), 0600,
         "is damaged: its key check 'k1' is not one of 120 hexadecimal digits under a key id" +
             restore},
        {std::string(256 * 1024 + 1, ' '), 0600, "is larger than 262144 bytes"},
    };
    for (const Case& item : cases) {
      const DeploymentPlace place;
      place.write(item.text, item.mode);
      CHECK(place.refusal() == item.refusal);
      CHECK(fs::file_size(place.file()) == item.text.size());
    }
  }

  TEST_CASE("a deployment that was made for a store of another is forgotten, others are not") {
    const DeploymentPlace place;
    const Deployment made = open_deployment(place.as_directory(), std::nullopt);
    CHECK(made.made);
    CHECK(!open_deployment(place.as_directory(), std::nullopt).made);
    forget_deployment(place.directory(), new_deployment(std::nullopt));
    CHECK(find_deployment(place.directory()));
    forget_deployment(place.directory(), made);
    CHECK(!find_deployment(place.directory()));
    CHECK_NOTHROW(forget_deployment("/nonexistent/kist", made));
  }

  TEST_CASE("key checks are remembered, and the first of an id counts") {
    const DeploymentPlace place;
    const Deployment made = open_deployment(place.as_directory(), std::nullopt);
    CHECK(made.key_checks.empty());
    const KeyChecks first{{"k1", wrapped_key('a')}},
        second{{"k1", wrapped_key('b')}, {"k2", wrapped_key('\xC0')}};
    CHECK(add_key_checks(place.directory(), first) == first);
    const KeyChecks both{{"k1", wrapped_key('a')}, {"k2", wrapped_key('\xC0')}};
    CHECK(add_key_checks(place.directory(), second) == both);
    CHECK(add_key_checks(place.directory(), {}) == both);
    const auto found = find_deployment(place.directory());
    REQUIRE(found);
    CHECK(found->key_checks == both);
    CHECK(found->id == made.id);
    CHECK(found->cursor_key == made.cursor_key);
    struct stat status {};
    REQUIRE(::stat(place.file().c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 0600);
  }

  TEST_CASE("adding a key check keeps what this version does not know") {
    const DeploymentPlace place;
    place.write("/* by hand **/ {\"later\": [1.5, {\"a\": \"\\u00e4\"}], " + kGood.substr(1));
    add_key_checks(place.directory(), {{"k1", wrapped_key('a')}});
    std::ifstream stream(place.file());
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    CHECK(text.starts_with("{\"later\":[1.5E0,{\"a\":\"\xC3\xA4\"}],\"deployment_id\":\"3f0c"));
    CHECK(find_deployment(place.directory())->key_checks.size() == 1);
  }

  TEST_CASE("hosts that add key checks at once agree, and none is lost") {
    constexpr std::size_t kHosts = 8;
    const DeploymentPlace place;
    open_deployment(place.as_directory(), std::nullopt);
    std::vector<KeyChecks> seen(kHosts);
    std::vector<std::thread> hosts;
    std::atomic<bool> go = false;
    for (std::size_t i = 0; i < kHosts; ++i) {
      hosts.emplace_back([&, i] {
        const auto own = static_cast<char>('a' + i);
        while (!go) std::this_thread::yield();
        seen[i] = add_key_checks(place.directory(), {{"shared", wrapped_key(own)},
                                                     {std::string(1, own), wrapped_key(own)}});
      });
    }
    go = true;
    for (std::thread& host : hosts) host.join();
    const KeyChecks all = find_deployment(place.directory())->key_checks;
    CHECK(all.size() == kHosts + 1);
    for (const KeyChecks& checks : seen) CHECK(checks.at("shared") == all.at("shared"));
  }

  TEST_CASE("a symbolic link and a directory in its place are refused") {
    const DeploymentPlace place;
    fs::create_symlink("/etc/hostname", place.file());
    CHECK(place.refusal() == "is a symbolic link; expected a regular file");
    fs::remove(place.file());
    fs::create_directory(place.file());
    CHECK(place.refusal() == "is no regular file");
  }

  TEST_CASE("a directory that is not there, or is none, is named with whose it is") {
    const DeploymentPlace place;
    const auto message_for = [](const fs::path& path) {
      return message_of([&] {
        open_deployment({path, "the store's option 'path'"}, std::nullopt);
      });
    };
    CHECK(message_for("/nonexistent/kist") ==
          "the directory '/nonexistent/kist' of the store's option 'path' does not exist; create "
          "it first");
    place.write(kGood);
    CHECK(message_for(place.file()) == "the directory '" + place.file().native() +
                                           "' of the store's option 'path' is no directory");
    CHECK(message_for(place.file() / "x") == "the directory '" + place.file().native() +
                                                 "/x' of the store's option 'path' is no "
                                                 "directory");
  }

  TEST_CASE("a directory that takes no file is named, and the draft in it is not") {
    const std::string message = message_of([] {
      open_deployment({"/proc", "the configuration file"}, std::nullopt);  // Not for root either.
    });
    CHECK(message.starts_with(
        "cannot make the deployment file in the directory '/proc' of the configuration file: "));
    CHECK(message.find(kDeploymentFileName) == std::string::npos);
  }

  TEST_CASE("looking for a deployment makes none") {
    const DeploymentPlace place;
    CHECK(!find_deployment(place.directory()));
    CHECK(!fs::exists(place.file()));
    CHECK(!find_deployment("/nonexistent/kist"));
    const Deployment made = open_deployment(place.as_directory(), std::nullopt);
    const auto found = find_deployment(place.directory());
    REQUIRE(found);
    CHECK(found->id == made.id);
  }

  TEST_CASE("it lies beside a store on this machine, else beside kist.json, else nowhere") {
    struct Case {
      std::vector<std::string> capabilities;
      std::string path, configuration;
      std::optional<std::string> expected;
      std::string source = "the store's option 'path'";
    };
    const Case cases[] = {
        {{"persistent", "local"}, "/var/lib/kist/secrets.db", "/etc/kist", "/var/lib/kist"},
        {{"persistent", "local"}, "/var/lib/kist/records/", "/etc/kist", "/var/lib/kist"},
        // The path of a store on the network is a certificate, or the like.
        {{"persistent"}, "/etc/ssl/ca.pem", "/etc/kist", "/etc/kist", "the configuration file"},
        {{"persistent"}, "/etc/ssl/ca.pem", "", std::nullopt},
        {{"local"}, "/tmp/x", "/etc/kist", std::nullopt},
    };
    for (const Case& item : cases) {
      CAPTURE(item.path);
      const auto found = deployment_directory(manifest_with(item.capabilities),
                                              options_with_path(item.path), item.configuration);
      CHECK(found.has_value() == item.expected.has_value());
      if (!found || !item.expected) continue;
      CHECK(found->path.native() == *item.expected);
      CHECK(found->source == item.source);
    }
  }
}
