// SPDX-License-Identifier: Apache-2.0
#include "sealing/pkcs11_key.hpp"

#include <sys/stat.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include <kist/error.hpp>

#include "sealing/local_key.hpp"
#include "soft_token.hpp"

using namespace kist;
using namespace kist::core;
using namespace kist::test;

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kAssociated = "kist-dek-1, a deployment, k1";
const std::string kDek = "0123456789abcdef0123456789ABCDEF";

Pkcs11Settings settings(std::string label = "k1", std::string token = "kist") {
  return {KIST_TEST_SOFTHSM2, std::move(token), std::move(label), SecretValue(kPin)};
}

/// SoftHSM with the token 'kist', and on it a key 'k1' of known bytes.
struct Kist : SoftHsm {
  Kist() {
    add_token("kist");
    add_key("kist");
  }
};

WrappedKey wrap(const KeyEncryptionKey& kek) { return kek.wrap(SecretView(kDek), kAssociated); }

/// The DEK, or "refused".
std::string unwrap(const KeyEncryptionKey& kek, const WrappedKey& wrapped,
                   std::string_view associated = kAssociated) {
  const std::optional<SecretValue> dek = kek.unwrap(wrapped, associated);
  return dek ? std::string(dek->reveal()) : "refused";
}

struct Failure {
  ErrorCode code;
  std::string message;
  bool operator==(const Failure&) const = default;
};
doctest::String toString(const Failure& failure) {
  return (std::string(to_string(failure.code)) + ": " + failure.message).c_str();
}

/// What `action` throws; not_found and "nothing" if nothing.
Failure failure_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return {error.code, std::string(error.message())};
  }
  return {ErrorCode::not_found, "nothing"};
}
Failure failure_with(Pkcs11Settings wrong) {
  return failure_of([&] { const Pkcs11Key key(std::move(wrong)); });
}

Failure about_k1(ErrorCode code, const std::string& what) {
  return {code, "PKCS#11 token 'kist', key 'k1': " + what};
}

/// SoftHSM with a mood, data/moody_token.c.
Pkcs11Settings moody_settings() {
  Pkcs11Settings moody = settings();
  moody.module = KIST_TEST_MOODY_TOKEN;
  return moody;
}
struct Mood {
  explicit Mood(const std::string& word) { ::setenv("KIST_TEST_MOOD", word.c_str(), 1); }
  Mood(const Mood&) = delete;
  Mood& operator=(const Mood&) = delete;
  ~Mood() { ::unsetenv("KIST_TEST_MOOD"); }
};

}  // namespace

TEST_SUITE("core/sealing/pkcs11_key") {
  TEST_CASE("a DEK is wrapped on the token, and unwrapped there") {
    SoftHsm hsm;
    hsm.add_token("kist");
    hsm.generate_key("kist", "k1");
    const Pkcs11Key key(settings());
    const WrappedKey first = wrap(key), second = wrap(key);
    CHECK(unwrap(key, first) == kDek);
    CHECK(unwrap(key, second) == kDek);
    CHECK(first != second);  // Each has a nonce of its own.
    CHECK(unwrap(Pkcs11Key(settings()), first) == kDek);
  }

  TEST_CASE("the key itself does not leave the token") {
    SoftHsm hsm;
    hsm.add_token("kist");
    hsm.generate_key("kist", "k1");
    const Pkcs11Key key(settings());
    CHECK(hsm.answer_to_reading_the_key("kist") == CKR_ATTRIBUTE_SENSITIVE);
  }

  TEST_CASE("a token and OpenSSL open what the other has wrapped") {
    const Kist hsm;
    const Pkcs11Key on_token(settings());
    const LocalKey in_memory{SecretValue(SoftKey().value)};
    CHECK(unwrap(in_memory, wrap(on_token)) == kDek);
    CHECK(unwrap(on_token, wrap(in_memory)) == kDek);
  }

  TEST_CASE("what is not as it was wrapped is refused, bit by bit, and the key stays in use") {
    Kist hsm;
    hsm.add_key("kist", {.label = "k2", .value = std::string(32, 'L')});
    const Pkcs11Key key(settings()), other(settings("k2"));
    const WrappedKey wrapped = wrap(key);
    for (std::size_t bit = 0; bit < 8 * wrapped.size(); bit += 3) {
      CAPTURE(bit);
      WrappedKey altered = wrapped;
      altered[bit / 8] = static_cast<char>(altered[bit / 8] ^ (1 << bit % 8));
      CHECK(unwrap(key, altered) == "refused");
    }
    CHECK(unwrap(key, wrapped, "kist-dek-1, a deployment, k2") == "refused");
    CHECK(unwrap(key, wrapped, "") == "refused");
    CHECK(unwrap(other, wrapped) == "refused");
    CHECK(unwrap(key, wrapped) == kDek);
  }

  TEST_CASE("a token that is not there is named, with those that are") {
    SoftHsm hsm;
    CHECK(failure_with(settings()) ==
          about_k1(ErrorCode::unavailable, "there is no such token; present: none"));
    hsm.add_token("a token\twith a long name");
    hsm.add_token("kist 2");
    const Failure found = failure_with(settings());
    CHECK(found.code == ErrorCode::unavailable);
    CHECK(found.message.find("there is no such token; present: '") != std::string::npos);
    CHECK(found.message.find("'a token\\x09with a long name'") != std::string::npos);
    CHECK(found.message.find("'kist 2'") != std::string::npos);
  }

  TEST_CASE("two tokens of one label are told from none") {
    Kist hsm;
    hsm.add_token("kist");
    CHECK(failure_with(settings()) ==
          about_k1(ErrorCode::failed_precondition, "2 tokens have this label; expected one"));
  }

  TEST_CASE("a key that Kist cannot use is refused with what is wrong with it") {
    struct Case {
      std::vector<SoftKey> keys;
      std::string refusal;
    };
    const std::string both = "; expected CKA_ENCRYPT and CKA_DECRYPT";
    const Case cases[] = {
        {{}, "the token has no secret key with this label"},
        {{{.label = "k"}, {.label = "k11"}}, "the token has no secret key with this label"},
        {{{}, {}}, "the token has several secret keys with this label; expected one"},
        {{{.type = CKK_GENERIC_SECRET}}, "the key is no AES key (CKA_KEY_TYPE is not CKK_AES)"},
        {{{.value = std::string(16, 'K')}}, "the key has 16 bytes; expected 32"},
        {{{.value = std::string(24, 'K')}}, "the key has 24 bytes; expected 32"},
        {{{.may_encrypt = CK_FALSE}}, "the key may not encrypt" + both},
        {{{.may_decrypt = CK_FALSE}}, "the key may not decrypt" + both},
        {{{.is_sensitive = CK_FALSE, .is_extractable = CK_TRUE}},
         "the token gives the key out in plain to whoever logs in; expected CKA_SENSITIVE, or no "
         "CKA_EXTRACTABLE"},
    };
    for (const Case& item : cases) {
      SoftHsm hsm;
      hsm.add_token("kist");
      for (const SoftKey& key : item.keys) hsm.add_key("kist", key);
      CHECK(failure_with(settings()) == about_k1(ErrorCode::failed_precondition, item.refusal));
    }
  }

  TEST_CASE("a key that may leave its token wrapped, for a backup of the token, is good") {
    SoftHsm hsm;
    hsm.add_token("kist");
    hsm.add_key("kist", {.is_sensitive = CK_TRUE, .is_extractable = CK_TRUE});
    const Pkcs11Key key(settings());
    CHECK(unwrap(key, wrap(key)) == kDek);
  }

  TEST_CASE("a wrong PIN is refused, and is not in the message") {
    const Kist hsm;
    for (const std::string_view pin : {"wrong-4711", "", "1", "4711-pi", "4711-pin "}) {
      CAPTURE(pin);
      Pkcs11Settings wrong = settings();
      wrong.pin = SecretValue(pin);
      const Failure found = failure_with(std::move(wrong));
      CHECK(found.code == ErrorCode::store_denied);
      CHECK(
          found.message.starts_with("PKCS#11 token 'kist', key 'k1': the token refuses the PIN: "));
      CHECK(found.message.find("4711") == std::string::npos);
    }
  }

  TEST_CASE("a session that is lost is opened again") {
    Kist hsm;
    const Pkcs11Key key(settings());
    const WrappedKey wrapped = wrap(key);
    const std::function<void()> losses[] = {[&] { hsm.close_all_sessions("kist"); },
                                            [&] { hsm.log_out("kist"); }};
    for (const auto& lose : losses) {
      lose();
      CHECK(unwrap(key, wrapped) == kDek);
      lose();
      CHECK(unwrap(key, wrap(key)) == kDek);
    }
  }

  TEST_CASE("no session is left behind, of a key and of an attempt at one") {
    Kist hsm;
    {
      const Pkcs11Key key(settings());
      hsm.log_out("kist");
      CHECK(unwrap(key, wrap(key)) == kDek);
    }
    CHECK(failure_with(settings("k2")).code == ErrorCode::failed_precondition);
    CHECK_NOTHROW(hsm.replace_token("kist", "another"));  // SoftHSM: not while there is a session.
  }

  TEST_CASE("a token that goes away is unavailable, and good again when it is back") {
    Kist hsm;
    const Pkcs11Key key(settings());
    const WrappedKey wrapped = wrap(key);
    const Failure away =
        about_k1(ErrorCode::unavailable, "there is no such token; present: 'another'");
    hsm.close_all_sessions("kist");
    hsm.replace_token("kist", "another");
    CHECK(failure_of([&] { unwrap(key, wrapped); }) == away);
    CHECK(failure_of([&] { wrap(key); }) == away);
    hsm.replace_token("another", "kist");
    CHECK(failure_of([&] { unwrap(key, wrapped); }) ==
          about_k1(ErrorCode::unavailable, "the token has no secret key with this label"));
    hsm.add_key("kist");
    CHECK(unwrap(key, wrapped) == kDek);
  }

  TEST_CASE("a PIN that is refused while Kist runs is not tried again, for tokens lock") {
    Kist hsm;
    const Pkcs11Key key(settings());
    const WrappedKey wrapped = wrap(key);
    hsm.close_all_sessions("kist");
    hsm.change_pin("kist", "another pin");
    const Failure first = failure_of([&] { unwrap(key, wrapped); });
    CHECK(first.code == ErrorCode::unavailable);
    CHECK(first.message.find("the token refuses the PIN") != std::string::npos);
    CHECK(hsm.has_seen_a_wrong_pin("kist"));

    hsm.log_in_once("kist", "another pin");
    REQUIRE(!hsm.has_seen_a_wrong_pin("kist"));
    const Failure later = about_k1(ErrorCode::unavailable,
                                   "the token has refused the PIN, which is not tried again "
                                   "before a restart");
    CHECK(failure_of([&] { unwrap(key, wrapped); }) == later);
    CHECK(failure_of([&] { wrap(key); }) == later);
    CHECK(!hsm.has_seen_a_wrong_pin("kist"));
  }

  TEST_CASE("a token that has one session to give is enough") {
    Kist hsm;
    const Mood mood("one session");
    const Pkcs11Key key(moody_settings());
    hsm.log_out("kist");
    CHECK(unwrap(key, wrap(key)) == kDek);
  }

  TEST_CASE("a PIN is not tried while one wrong PIN more would lock the token") {
    Kist hsm;
    const std::string why =
        "the PIN is not tried, because one wrong PIN more locks the token; log in once by other "
        "means";
    const Pkcs11Key key(moody_settings());
    const WrappedKey wrapped = wrap(key);
    hsm.close_all_sessions("kist");
    {
      const Mood mood("one try left");
      CHECK(failure_with(moody_settings()) == about_k1(ErrorCode::failed_precondition, why));
      CHECK(failure_of([&] { unwrap(key, wrapped); }) == about_k1(ErrorCode::unavailable, why));
    }
    CHECK(unwrap(key, wrapped) == kDek);
  }

  TEST_CASE("a token that wants no login gets none") {
    Kist hsm;
    const Mood mood("no login");
    Pkcs11Settings wrong = moody_settings();
    wrong.pin = SecretValue("wrong");
    CHECK(failure_with(std::move(wrong)) ==  // It is a private key.
          about_k1(ErrorCode::failed_precondition, "the token has no secret key with this label"));
    CHECK(!hsm.has_seen_a_wrong_pin("kist"));
  }

  TEST_CASE("a token that cannot do what is needed is told at once") {
    const Kist hsm;
    struct Case {
      std::string mood;
      ErrorCode code;
      std::string answer;
    };
    const Case cases[] = {
        {"no GCM", ErrorCode::failed_precondition,
         "The crypto mechanism is invalid or unrecognized (0x70)"},
        {"short", ErrorCode::failed_precondition, "The data is too long (0x21)"},
        {"broken", ErrorCode::unavailable, "An error occurred on the device (0x30)"},
    };
    for (const Case& item : cases) {
      const Mood mood(item.mood);
      CHECK(failure_with(moody_settings()) ==
            about_k1(item.code, "cannot wrap and unwrap with CKM_AES_GCM: " + item.answer));
    }
  }

  TEST_CASE("a token that fails is unavailable, and no wrap is taken for damaged by it") {
    const Kist hsm;
    const Pkcs11Key key(moody_settings());
    const WrappedKey wrapped = wrap(key);
    for (int i = 0; i < 2; ++i) {
      const Mood mood("broken");
      const Failure found = failure_of([&] { unwrap(key, wrapped); });
      CHECK(found.code == ErrorCode::unavailable);
    }
    CHECK(unwrap(key, wrapped) == kDek);
    const Mood mood("broken once");
    CHECK(unwrap(key, wrapped) == kDek);
  }

  TEST_CASE("keys of one token do not take it from each other") {
    Kist hsm;
    hsm.add_key("kist", {.label = "k2"});
    const Pkcs11Key key(settings());
    {
      const Pkcs11Key other(settings("k2"));
      CHECK(unwrap(other, wrap(other)) == kDek);
    }
    CHECK(unwrap(key, wrap(key)) == kDek);
  }

  TEST_CASE("eight threads share a key, while its session is logged out") {
    Kist hsm;
    const Pkcs11Key key(settings());
    std::atomic<int> right = 0;
    std::vector<std::thread> threads;
    constexpr int kThreads = 8, kRounds = 50;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        for (int round = 0; round < kRounds; ++round) {
          if (unwrap(key, wrap(key)) == kDek) ++right;
        }
      });
    }
    while (right < kThreads * kRounds / 4) std::this_thread::yield();
    hsm.log_out("kist");  // SoftHSM leaks what a session does that another thread closes.
    for (std::thread& thread : threads) thread.join();
    CHECK(right == kThreads * kRounds);
  }
}

TEST_SUITE("core/sealing/pkcs11_module") {
  TEST_CASE("a file that is no module, or no safe one, is refused") {
    const SoftHsm hsm;
    const fs::path directory = fs::canonical(hsm.directory());
    const std::string inside = directory.native() + "/";
    std::ofstream(inside + "text.so") << "This is no shared object.\n";
    fs::copy_file(KIST_TEST_SOFTHSM2, inside + "open.so");
    REQUIRE(::chmod((inside + "open.so").c_str(), 0775) == 0);
    fs::create_directory(inside + "shared");
    fs::copy_file(KIST_TEST_SOFTHSM2, inside + "shared/module.so");
    REQUIRE(::chmod((inside + "shared").c_str(), 0777) == 0);
    fs::create_symlink("missing.so", inside + "dangling.so");
    fs::create_symlink("open.so", inside + "link.so");

    const auto refusal = [](const std::string& path, const std::string& why) {
      return Failure{ErrorCode::failed_precondition, "PKCS#11 module '" + path + "' " + why};
    };
    const std::string others = " is writable by others than its owner; run chmod go-w on it";
    const std::pair<std::string, Failure> cases[] = {
        {"libsofthsm2.so", refusal("libsofthsm2.so", "is no absolute path")},
        {"", refusal("", "is no absolute path")},
        {inside + "missing.so",
         refusal(inside + "missing.so", "cannot be had: No such file or directory")},
        {inside + "dangling.so",
         refusal(inside + "dangling.so", "cannot be had: No such file or directory")},
        {directory, refusal(directory, "is no regular file")},
        {inside + "open.so", refusal(inside + "open.so", "is not safe: it" + others)},
        {inside + "link.so", refusal(inside + "open.so", "is not safe: it" + others)},
        {inside + "shared/module.so",
         refusal(inside + "shared/module.so",
                 "is not safe: the directory '" + inside + "shared'" + others)},
        {inside + "text.so", refusal(inside + "text.so", "cannot be loaded: file too short")},
        {KIST_TEST_TINY_PLUGIN,
         refusal(KIST_TEST_TINY_PLUGIN, "cannot be loaded: undefined symbol: C_GetFunctionList")},
    };
    for (const auto& [path, expected] : cases) {
      Pkcs11Settings wrong = settings();
      wrong.module = path;
      CHECK(failure_with(std::move(wrong)) == expected);
    }
  }
}
