// SPDX-License-Identifier: Apache-2.0
#include "sealing/envelope.hpp"

#include <set>
#include <string>

#include <doctest/doctest.h>

#include "envelope_vector.hpp"
#include "sealing/aes_gcm.hpp"

namespace kist::core {
namespace {

using testing::EnvelopeVector;

std::string fault_of(std::string_view bytes) {
  const ParsedEnvelope parsed = parse_envelope(bytes);
  return parsed.fault ? std::string(describe(*parsed.fault)) : "";
}

std::string envelope_with_id(std::string_view id, std::size_t value_bytes = 3) {
  return envelope_header(id, WrappedKey{}) +
         std::string(kNonceBytes + value_bytes + kTagBytes, 'x');
}

std::string encrypted(std::string_view key, std::string_view nonce, AesGcm::Associated associated,
                      std::string_view plain) {
  AesGcm cipher(AesGcm::Direction::encrypt);
  cipher.set_key(SecretView(key));
  std::string sealed(plain.size() + kTagBytes, '\0');
  cipher.encrypt(nonce, associated, plain, sealed.data());
  return sealed;
}

const std::string kNotSealed =
    "it is not sealed, so it was stored before sealing was switched on ('kist keys rewrap "
    "--seal-unsealed' seals such values), or by somebody else";

TEST_SUITE("core/sealing/envelope") {
  TEST_CASE("the document's example comes out of the same keys, nonces and ids") {
    const EnvelopeVector vector;
    const std::string& deployment = vector["deployment id"];
    const std::string wrapped =
        vector["wrap nonce"] + encrypted(vector["KEK"], vector["wrap nonce"],
                                         {"kist-dek-1", deployment, vector["key id"]},
                                         vector["DEK"]);
    CHECK(wrapped == vector["wrapped DEK"]);
    WrappedKey bytes;
    REQUIRE(wrapped.copy(bytes.data(), bytes.size()) == kWrappedKeyBytes);
    const std::string header = envelope_header(vector["key id"], bytes);
    CHECK(header == vector["header"]);
    const std::string& nonce = vector["nonce"];
    CHECK(header + nonce +
              encrypted(vector["DEK"], nonce,
                        {header, deployment, vector["secret id"], vector["key"]},
                        vector["value"]) ==
          vector["envelope"]);
  }

  TEST_CASE("an envelope comes apart into the parts that it was made of") {
    const EnvelopeVector vector;
    const ParsedEnvelope parsed = parse_envelope(vector["envelope"]);
    REQUIRE(!parsed.fault);
    const Envelope& envelope = parsed.envelope;
    CHECK(envelope.header == vector["header"]);
    CHECK(envelope.key_id == vector["key id"]);
    CHECK(envelope.wrapped_dek == vector["wrapped DEK"]);
    CHECK(envelope.nonce == vector["nonce"]);
    CHECK(envelope.value_size() == vector["value"].size());
    CHECK(std::string(envelope.header) + std::string(envelope.nonce) +
              std::string(envelope.sealed) ==
          vector["envelope"]);
  }

  TEST_CASE("an envelope is 95 bytes, its key id and its value long") {
    CHECK(envelope_overhead(0) == 95);
    CHECK(kMaxEnvelopeOverhead == 159);
    for (const std::size_t id_bytes : {std::size_t{1}, kMaxKeyIdBytes}) {
      for (const std::size_t value_bytes : {0U, 1U, 1000U}) {
        const std::string bytes = envelope_with_id(std::string(id_bytes, 'k'), value_bytes);
        CHECK(bytes.size() == envelope_overhead(id_bytes) + value_bytes);
        const ParsedEnvelope parsed = parse_envelope(bytes);
        REQUIRE(!parsed.fault);
        CHECK(parsed.envelope.value_size() == value_bytes);
      }
    }
  }

  TEST_CASE("AT-50: what is no envelope is refused with its fault") {
    const auto changed = [](std::size_t position, char byte) {
      std::string bytes = envelope_with_id("k1");
      bytes[position] = byte;
      return bytes;
    };
    const std::string cut_off = "its envelope is cut off",
                      bad_id = "its envelope has no sound key id",
                      version = "its envelope has a version that this host does not know",
                      algorithm = "its envelope has an algorithm that this host does not know";
    const struct {
      std::string bytes, fault;
    } cases[] = {
        {envelope_with_id("k1"), ""},
        {"", kNotSealed},
        {"hunter2", kNotSealed},
        {"\xFEKS", kNotSealed},
        {changed(0, '\xFF'), kNotSealed},
        {changed(3, 't'), kNotSealed},
        {"\xFEKST", cut_off},
        {changed(4, 0), version},
        {changed(4, 2), version},
        {changed(5, 0), algorithm},
        {changed(5, 2), algorithm},
        {changed(6, 0), bad_id},
        {changed(6, 3), bad_id},  // The first byte of the wrapped DEK is none of an id.
        {changed(6, '\xFF'), cut_off},
        {changed(7, '/'), bad_id},
        {changed(8, '\0'), bad_id},
        {envelope_with_id(""), bad_id},
        {envelope_with_id("k 1"), bad_id},
        {envelope_with_id("k\n"), bad_id},
        {envelope_with_id("\xC3\xA9"), bad_id},
        {envelope_with_id(std::string(kMaxKeyIdBytes + 1, 'k')), bad_id},
    };
    for (const auto& c : cases) {
      CAPTURE(&c - cases);
      CHECK(fault_of(c.bytes) == c.fault);
    }
  }

  TEST_CASE("AT-50: an envelope that is cut off at any length is none") {
    const std::string whole = envelope_with_id("k1", 0);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      CAPTURE(size);
      CHECK(fault_of(whole.substr(0, size)) ==
            (size < kEnvelopeMagic.size() ? kNotSealed : "its envelope is cut off"));
    }
    CHECK(fault_of(whole).empty());
  }
}

}  // namespace
}  // namespace kist::core
