// SPDX-License-Identifier: Apache-2.0
#include "sealing/key_source.hpp"

#include <chrono>
#include <string>

#include <doctest/doctest.h>

#include "../config/temporary_directory.hpp"
#include "sealing/local_key.hpp"

using namespace kist;
using namespace kist::core;
using namespace kist::core::testing;
namespace fs = std::filesystem;

namespace {

/// Two keys, as their digits.
const std::string kA(64, 'A'), kB(64, 'B');

std::string fingerprint_of_all(char byte) {
  return fingerprint_of(SecretValue(std::string(kKeyBytes, byte)).view());
}
std::string fingerprint_a() { return fingerprint_of_all('\xAA'); }
std::string fingerprint_b() { return fingerprint_of_all('\xBB'); }

/// The fingerprint of the key that is found as `id`, else the problem.
std::string obtained(KeySource source, const Environment& environment = {},
                     const std::string& id = "k1") {
  const KeyringKey key = obtain_key({id, "kist.json:1:1", std::move(source)}, environment,
                                    std::chrono::milliseconds(60'000));
  CHECK(key.id == id);
  CHECK((key.kek == nullptr) == !key.problem.empty());
  CHECK((key.kek == nullptr) == key.fingerprint.empty());
  return key.kek ? key.fingerprint : key.problem;
}

}  // namespace

TEST_SUITE("core/sealing/key_source") {
  TEST_CASE("a key is the line with its id, or the only line if that has none") {
    const auto from = [](const std::string& text, const std::string& id = "k1") {
      return obtained(KeyVariable{"KEYS"}, {{"KEYS", text}}, id);
    };
    CHECK(from(kA) == fingerprint_a());
    CHECK(from(kA + "\n", "any") == fingerprint_a());
    CHECK(from("k1 " + kA) == fingerprint_a());
    CHECK(from("k1 " + kA + "\nk2 " + kB, "k2") == fingerprint_b());
    CHECK(from("k1 " + kA, "k2") ==
          "environment variable 'KEYS' has keys, and none with the id 'k2'");
    CHECK(from("") == "environment variable 'KEYS' has no key");
    CHECK(from("canary") ==
          "environment variable 'KEYS', line 1: expected a key id, a key of 64 hexadecimal digits, "
          "and perhaps a time");
    CHECK(from(std::string(65537, '\n')) ==
          "environment variable 'KEYS' is larger than 65536 bytes");
  }

  TEST_CASE("a file has a key") {
    const TemporaryDirectory directory;
    const fs::path path = directory.write("k1.key", "# of k1\n" + kA + "\n");
    CHECK(obtained(KeyFile{path}) == fingerprint_a());
    CHECK(obtained(KeyFile{directory.path() / "no"}) ==
          "file '" + (directory.path() / "no").native() + "' does not exist");
    fs::create_symlink(path, directory.path() / "link");
    CHECK(obtained(KeyFile{directory.path() / "link"}) ==
          "file '" + (directory.path() / "link").native() +
              "' is a symbolic link; expected a regular file");
  }

  TEST_CASE("AT-38: a key file that others may read is refused") {
    const TemporaryDirectory directory;
    const fs::path path = directory.write("k1.key", kA, 0640);
    CHECK(obtained(KeyFile{path}) ==
          "file '" + path.native() + "' can be read or written by others; run chmod 600 on it");
  }

  TEST_CASE("an environment variable has a key") {
    CHECK(obtained(KeyVariable{"KIST_KEY"}, {{"KIST_KEY", kB}}) == fingerprint_b());
    CHECK(obtained(KeyVariable{"KIST_KEY"}, {{"KIST_KEY_2", kB}}) ==
          "environment variable 'KIST_KEY' is not set");
  }

  TEST_CASE("a command prints a key") {
    const TemporaryDirectory directory;
    const fs::path path = directory.write("k1.key", "k1 " + kA + "\n");
    CHECK(obtained(KeyCommand{{"/bin/cat", path}}) == fingerprint_a());
    CHECK(obtained(KeyCommand{{"/bin/false"}}) == "command '/bin/false' ended with 1");
    CHECK(obtained(KeyCommand{{"/bin/sh", "-c", "echo k1 canary"}}) ==
          "command '/bin/sh', line 1: expected a key id, a key of 64 hexadecimal digits, and "
          "perhaps a time");
    CHECK(obtained(KeyCommand{{"/bin/sh", "-c", "head -c 1048576 /dev/zero"}}) ==
          "command '/bin/sh' wrote more than 65536 bytes");
    const KeyringKey late = obtain_key({"k1", "kist.json:1:1", KeyCommand{{"/bin/sleep", "1000"}}},
                                       {}, std::chrono::milliseconds(50));
    CHECK(late.problem == "command '/bin/sleep' has not ended within 50 ms");
  }

  TEST_CASE("a credential of systemd is a file that may show a right of its group") {
    const TemporaryDirectory directory;
    const Environment environment{{"CREDENTIALS_DIRECTORY", directory.path().native()}};
    const std::string name = "credential 'kek' (" + (directory.path() / "kek").native() + ") ";
    CHECK(obtained(KeyCredential{"kek"}, environment) == name + "does not exist");
    for (const ::mode_t mode : {0400u, 0440u}) {
      fs::remove(directory.path() / "kek");
      directory.write("kek", kA, mode);
      CHECK(obtained(KeyCredential{"kek"}, environment) == fingerprint_a());
    }
    for (const ::mode_t mode : {0444u, 0460u}) {
      fs::remove(directory.path() / "kek");
      directory.write("kek", kA, mode);
      CHECK(obtained(KeyCredential{"kek"}, environment) ==
            name + "can be read or written by others; run chmod 600 on it");
    }
  }

  TEST_CASE("without a directory from systemd there are no credentials") {
    const auto refusal = [](const std::string& fault) {
      return "credential 'kek' cannot be had: CREDENTIALS_DIRECTORY is " + fault +
             "; run this host as a service of systemd with LoadCredential= or "
             "LoadCredentialEncrypted=";
    };
    const KeyCredential credential{"kek"};
    CHECK(obtained(credential) == refusal("not set"));
    CHECK(obtained(credential, {{"CREDENTIALS_DIRECTORY", ""}}) == refusal("not set"));
    CHECK(obtained(credential, {{"CREDENTIALS_DIRECTORY", "cred"}}) == refusal("no absolute path"));
  }

  TEST_CASE("a token that is not there is a problem, not an exception") {
    const KeyringKey key = obtain_key(
        {"k1", "kist.json:1:1", Pkcs11Settings{"/nonexistent/p11.so", "token", "label", {}}}, {});
    CHECK(key.kek == nullptr);
    CHECK(key.problem.find("/nonexistent/p11.so") != std::string::npos);
  }

  TEST_CASE("a source is described without what it holds") {
    CHECK(describe(KeySource(KeyFile{"/etc/k1"})) == "file '/etc/k1'");
    CHECK(describe(KeySource(KeyVariable{"K"})) == "environment variable 'K'");
    CHECK(describe(KeySource(KeyCommand{{"/bin/get", "--token=canary"}})) == "command '/bin/get'");
    CHECK(describe(KeySource(KeyCredential{"kek"})) == "credential 'kek'");
  }
}
