// SPDX-License-Identifier: Apache-2.0
#include "audit/signing_key.hpp"

#include <sys/stat.h>

#include <string>

#include <doctest/doctest.h>

#include "../secrets/failure_of.hpp"
#include "audit_fixture.hpp"
#include "audit_sample.hpp"

using namespace kist;
using namespace kist::core;
using namespace kist::core::testing;

namespace {

SigningKey sample_key() { return SigningKey::parse(SecretView(kSamplePrivateKey), "the key"); }

}  // namespace

TEST_SUITE("core/audit/signing_key") {
  TEST_CASE("what a key signs, its public key verifies, and no other does") {
    const SigningKey key = sample_key();
    const PublicKey known = PublicKey::parse(key.public_key().pem(), "the public key");
    Signature signature = key.sign("text");
    CHECK(known.fingerprint() == key.fingerprint());
    CHECK(known.verifies("text", signature));
    CHECK(!known.verifies("texT", signature));
    CHECK(!SigningKey::make().public_key().verifies("text", signature));
    signature[0] ^= 1;
    CHECK(!known.verifies("text", signature));
  }

  TEST_CASE("a key is made at first, and is the same one later") {
    const TemporaryDirectory directory;
    const std::string fingerprint = SigningKey::open(directory.path()).fingerprint();
    CHECK(mode_of(directory.path() / kSigningKeyFileName) == 0600);
    CHECK(SigningKey::open(directory.path()).fingerprint() == fingerprint);
    const auto public_file = directory.path() / kPublicKeyFileName;
    CHECK(PublicKey::read(public_file).fingerprint() == fingerprint);
    std::filesystem::remove(public_file);
    SigningKey::open(directory.path());
    CHECK(PublicKey::read(public_file).fingerprint() == fingerprint);
    CHECK(directory.entries() == 2);
  }

  TEST_CASE("what is no Ed25519 private key is refused, and not quoted") {
    const std::string expected =
        "; expected an Ed25519 private key in PEM (PKCS #8) that is not encrypted";
    std::string broken(kSamplePrivateKey);
    broken[40] = '!';
    // openssl genpkey -algorithm x25519: of the same form, for another use.
    const std::string other_kind =
        "-----BEGIN PRIVATE KEY-----\n"
        "MC4CAQAwBQYDK2VuBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n"
        "-----END PRIVATE KEY-----\n";
    for (const std::string& text :
         {std::string(), std::string("canary"), std::string(1, '\0'), broken,
          sample_key().public_key().pem(), std::string(kSamplePrivateKey.substr(0, 60))})
      CHECK(failure_of([&] { SigningKey::parse(SecretView(text), "'audit.signing_key'"); }) ==
            "invalid_argument: 'audit.signing_key' is not PEM that can be read" + expected);
    CHECK(failure_of([&] { SigningKey::parse(SecretView(other_kind), "'audit.signing_key'"); }) ==
          "invalid_argument: 'audit.signing_key' is a key of another kind" + expected);
  }

  TEST_CASE("a key file that others can read, or that is none, is refused by name") {
    const TemporaryDirectory directory;
    const auto file = directory.write(kSigningKeyFileName, kSamplePrivateKey, 0644);
    const std::string name = "audit signing key file '" + file.native() + "'";
    CHECK(failure_of([&] { SigningKey::open(directory.path()); }) ==
          "failed_precondition: " + name +
              " can be read or written by others; run chmod 600 on it");
    directory.write(kSigningKeyFileName, "canary");
    CHECK(failure_of([&] {
            SigningKey::open(directory.path());
          }).starts_with("invalid_argument: " + name + " is not PEM that can be read"));
    CHECK(failure_of([&] {
            PublicKey::read(file);
          }).starts_with("invalid_argument: public key file '" + file.native() + "' is not PEM"));
    CHECK(failure_of([&] { PublicKey::read("/nowhere"); }) ==
          "not_found: cannot open public key file '/nowhere': No such file or directory");
  }
}
