// SPDX-License-Identifier: Apache-2.0
#include "cli/masker.hpp"

#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace kist;

namespace {

using Texts = std::vector<std::string>;

/// `text` in pieces of `size` bytes.
std::string masked(const Texts& values, std::string_view text, std::size_t size) {
  cli::MaskedValues known;
  for (const std::string& value : values) known.add(value);
  cli::Masker masker(known);
  detail::SecretBuffer out;
  for (std::size_t at = 0; at < text.size(); at += size) masker.feed(text.substr(at, size), out);
  masker.finish(out);
  return {out.data(), out.size()};
}

/// What must come out, found in the slow way: each byte of each occurrence is covered.
std::string expected(const Texts& values, const std::string& text) {
  std::vector<bool> covered(text.size());
  for (const std::string& value : values) {
    for (std::size_t at = text.find(value); at != std::string::npos; at = text.find(value, at + 1))
      std::fill_n(covered.begin() + static_cast<std::ptrdiff_t>(at), value.size(), true);
  }
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!covered[i])
      out += text[i];
    else if (i == 0 || !covered[i - 1])
      out += cli::kMask;
  }
  return out;
}

}  // namespace

TEST_SUITE("cli/masker") {
  TEST_CASE("every occurrence of a value is masked, however the text is cut") {
    struct Case {
      Texts values;
      std::string text, out;
    };
    const Case cases[] = {
        {{"hunter2"}, "pw=hunter2\n", "pw=(masked)\n"},
        {{"hunter2"}, "hunter2hunter2 hunter2", "(masked) (masked)"},
        {{"hunter2"}, "hunter hunter1 hunte", "hunter hunter1 hunte"},
        {{"aaab"}, "aaaaab", "aa(masked)"},
        {{"abab"}, "abababx", "(masked)x"},
        {{"pass", "password"}, "pass password passwor", "(masked) (masked) (masked)wor"},
        {{"abcd", "cdef"}, "xabcdefx abcd cdef", "x(masked)x (masked) (masked)"},
        {{"one\ntwo"}, "one\ntwo\none\n", "(masked)\none\n"},
        {{"line\n"}, "a line, and line\n", "a (masked), and (masked)\n"},
        {{"line\r\n\n"}, "line", "(masked)"},
        {{std::string("\0\xff\x01\x02", 4)}, std::string("a\0\xff\x01\x02z", 6), "a(masked)z"},
        {{}, "hunter2", "hunter2"},
        {{"hunter2"}, "", ""},
    };
    for (const Case& item : cases) {
      CAPTURE(item.text);
      for (std::size_t size = 1; size <= item.text.size() + 1; ++size)
        CHECK(masked(item.values, item.text, size) == item.out);
    }
  }

  TEST_CASE("a value of less than four bytes is not looked for, and that is said") {
    cli::MaskedValues values;
    CHECK_FALSE(values.add(""));
    CHECK_FALSE(values.add("abc"));
    CHECK_FALSE(values.add("abc\n\n"));
    CHECK(values.add("abcd"));
  }

  TEST_CASE("only what may be the beginning of a value is kept back") {
    cli::MaskedValues values;
    values.add("hunter2");
    cli::Masker masker(values);
    const auto feed = [&](std::string_view text) {
      detail::SecretBuffer out;
      masker.feed(text, out);
      return std::string(out.data(), out.size());
    };
    CHECK(feed("Password: ") == "Password: ");
    CHECK(feed("hun") == "");
    CHECK(feed("t") == "");
    CHECK(feed("ing? ") == "hunting? ");
    CHECK(feed("hunter") == "");
    CHECK(feed("2") == "(masked)");
  }

  TEST_CASE("masking finds what a slow search finds, for any values and any text") {
    std::mt19937 random(7);
    const auto number = [&](int low, int high) {
      return std::uniform_int_distribution<int>(low, high)(random);
    };
    const auto text = [&](int low, int high) {
      std::string letters;
      for (int i = number(low, high); i > 0; --i) letters += static_cast<char>('a' + number(0, 1));
      return letters;
    };
    for (int round = 0; round < 2000; ++round) {
      Texts values;
      for (int i = number(0, 5); i > 0; --i) values.push_back(text(4, 9));
      const std::string content = text(0, 60);
      CAPTURE(content);
      REQUIRE(masked(values, content, static_cast<std::size_t>(number(1, 20))) ==
              expected(values, content));
    }
  }

  TEST_CASE("a long value that the text almost repeats takes no longer than any other") {
    const std::string value = std::string(200'000, 'a') + "b";
    CHECK(masked({value}, std::string(400'000, 'a'), 16'384) == std::string(400'000, 'a'));
  }
}
