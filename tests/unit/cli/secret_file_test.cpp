// SPDX-License-Identifier: Apache-2.0
#include "cli/secret_file.hpp"

#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "text/printable.hpp"

using namespace kist;
using Secrets = std::vector<cli::FiledSecret>;

namespace {

std::string text_of(const detail::SecretBuffer& buffer) { return {buffer.data(), buffer.size()}; }

cli::FiledSecret secret(const std::string& name,
                        const std::vector<std::pair<std::string, std::string>>& values,
                        Scope scope = Scope::workspace) {
  cli::FiledSecret made{name, scope, {}};
  for (const auto& [key, value] : values) made.values.set(key, value);
  return made;
}

Secrets list(cli::FiledSecret one) {
  Secrets secrets;
  secrets.push_back(std::move(one));
  return secrets;
}

/// For comparison: every field, the values too.
std::string shown(const Secrets& secrets) {
  std::string text;
  for (const cli::FiledSecret& one : secrets) {
    text += one.named() + "\n";
    for (const SecretValues::Entry entry : one.values)
      text += std::string(entry.key) + "=" + core::printable(entry.value.reveal(), 1 << 20) + "\n";
  }
  return text;
}

const cli::FileFormat& format(std::string_view name) {
  for (const cli::FileFormat& known : cli::file_formats()) {
    if (known.name == name) return known;
  }
  FAIL("there is no such format");
  return cli::file_formats()[0];
}

std::string refusal_of(std::string_view format_name, const std::string& text) {
  try {
    const Secrets secrets = format(format_name).read(text, "f");
    cli::check_filed(secrets, "f");
    return "none: " + shown(secrets);
  } catch (const Error& error) {
    CHECK(error.code == ErrorCode::invalid_argument);
    return std::string(error.message());
  }
}

std::string refusal_to_write(const Secrets& secrets) {
  try {
    return "none: " + text_of(cli::write_dotenv(secrets));
  } catch (const Error& error) {
    CHECK(error.code == ErrorCode::invalid_argument);
    return std::string(error.message());
  }
}

/// Texts and bytes that quotes, lines, comments, types and encodings make trouble with.
class Random {
 public:
  explicit Random(unsigned seed) : random_(seed) {}

  int number(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  std::string text(bool bytes) {
    static const std::string pieces[] = {
        "'",    "\"",  "\\",    "\n",       "\r",      "\t",     " ",      "#",      "$HOME",
        "`id`", ": ",  "- ",    "{}",       "[",       "!!str ", "&a",     "*a",     "true",
        "null", "1.0", "=",     "\x01",     "\x7f",    "\u00e4", "\u0085", "\u2028", "\U0001F600",
        "%",    "\\n", "'\\''", "# kist: ", "export ", "---",    "...",    "\ufeff", "a"};
    std::string made;
    for (int i = number(0, 12); i > 0; --i)
      made += pieces[static_cast<std::size_t>(number(0, std::ssize(pieces) - 1))];
    if (bytes && number(0, 3) == 0) {
      made += '\0';
      made += '\xff';
    }
    return made;
  }
  std::string key(bool plain) {
    std::string made = "k" + std::to_string(next_key_++);
    return plain ? made : made + text(false) + "x";
  }

 private:
  std::mt19937 random_;
  int next_key_ = 0;
};

Secrets random_secrets(Random& random, bool plain) {
  Secrets secrets;
  for (int i = random.number(0, 4); i > 0; --i) {
    cli::FiledSecret made{"n" + std::to_string(i) + "\"'\\ \u00e4: #x",
                          random.number(0, 1) == 0 ? Scope::user : Scope::workspace,
                          {}};
    for (int k = random.number(0, 4); k > 0; --k)
      made.values.set(random.key(plain), random.text(!plain));
    secrets.push_back(std::move(made));
  }
  return secrets;
}

}  // namespace

TEST_SUITE("cli/secret_file") {
  TEST_CASE("what a format writes it reads back exactly, whatever the secrets hold") {
    for (const cli::FileFormat& known : cli::file_formats()) {
      CAPTURE(known.name);
      Random random(11);
      for (int round = 0; round < 500; ++round) {
        const Secrets secrets = random_secrets(random, known.name == "dotenv");
        const std::string text = text_of(known.write(secrets));
        CAPTURE(text);
        REQUIRE(shown(known.read(text, "f")) == shown(secrets));
      }
    }
  }

  TEST_CASE("a file looks as people expect it") {
    const Secrets secrets =
        list(secret("db", {{"password", "it's\n\"x\" $y"}, {"user", "app"}}, Scope::user));
    CHECK(text_of(cli::write_dotenv(secrets)) ==
          "# kist: {\"name\":\"db\",\"scope\":\"user\"}\npassword='it'\\''s\n\"x\" "
          "$y'\nuser='app'\n");
    CHECK(text_of(cli::write_json_file(secrets)) ==
          "{\"secrets\": [\n{\"name\":\"db\",\"scope\":\"user\",\"values\":{\"password\":"
          "\"it's\\n\\\"x\\\" $y\",\"user\":\"app\"}}\n]}\n");
    CHECK(text_of(cli::write_yaml(secrets)) ==
          "secrets:\n  - name: \"db\"\n    scope: \"user\"\n    values:\n      \"password\": "
          "\"it's\\n\\\"x\\\" $y\"\n      \"user\": \"app\"\n");
    const Secrets bytes = list(secret("b", {{"k", "\xff\xfe\x01"}}));
    CHECK(text_of(cli::write_json_file(bytes)).find("{\"base64\":\"//4B\"}") != std::string::npos);
    CHECK(text_of(cli::write_yaml(bytes)).find("\"k\": !!binary \"//4B\"\n") != std::string::npos);
    CHECK(text_of(cli::write_yaml({})) == "secrets: []\n");
  }

  TEST_CASE("a dotenv file refuses by name what no shell could read") {
    const std::string other = "; json and yaml can hold it";
    CHECK(refusal_to_write(list(secret("s", {{"k", "\xff"}}))) ==
          "key 'k' of secret 's' (workspace scope) cannot stand in a dotenv file: its value is no "
          "UTF-8" +
              other);
    CHECK(
        refusal_to_write(list(secret("s", {{"k", std::string("a\0b", 3)}}))) ==
        "key 'k' of secret 's' (workspace scope) cannot stand in a dotenv file: its value holds a "
        "NUL byte" +
            other);
    for (const std::string key : {"a-b", "1a", "a b", "\u00e4"})
      CHECK(
          refusal_to_write(list(secret("s", {{key, "v"}}))) ==
          "key '" + key +
              "' of secret 's' (workspace scope) cannot stand in a dotenv file: a shell's name is "
              "letters, digits and '_', with no digit at the start" +
              other);
    Secrets two = list(secret("a", {{"k", "1"}}));
    two.push_back(secret("b", {{"k", "2"}}));
    CHECK(refusal_to_write(two) ==
          "key 'k' is one of secret 'a' (workspace scope) and of secret 'b' (workspace scope), and "
          "whoever reads a dotenv file gets one of them; export them to files of their own, or as "
          "json or yaml");
  }

  TEST_CASE("YAML that people write in the same shape is read") {
    const char* const text =
        "---\n# a comment\nsecrets:\n- name: db-1   # another\n  values:\n    user: app.x\n"
        "    'it''s': 'a ''b'' \\n'\n\n    \"p\\x41\": \"\\u00e4\\U0001F600\\\\\\t\"\r\n"
        "  scope: 'user'\n- scope: workspace\n  name: \"e\"\n  values: {}\n";
    CHECK(shown(cli::read_yaml(text, "f")) ==
          "secret 'db-1' (user scope)\nit's=a 'b' \\n\npA=\u00e4\U0001F600\\\\x09\nuser=app.x\n"
          "secret 'e' (workspace scope)\n");
  }

  TEST_CASE("YAML beyond that is refused with its line, not guessed at") {
    const std::string head = "secrets:\n  - name: a\n    values:\n";
    struct Case {
      std::string text, message;
    };
    const Case cases[] = {
        {"", "f:0: there is no 'secrets:'"},
        {"other:\n", "f:1: expected 'secrets:'"},
        {"secrets: []\nx: y\n", "f:2: nothing may stand behind 'secrets: []'"},
        {"secrets:\n  name: a\n", "f:2: expected '- name: \"…\"'"},
        {"secrets:\n\t- name: a\n", "f:2: a tab stands where YAML has spaces"},
        {"secrets:\n  - scope: user\n", "f:2: the secret before has no 'name'"},
        {"secrets:\n  - name: a\n    name: b\n", "f:3: 'name' stands twice"},
        {"secrets:\n  - name: a\n    owner: b\n",
         "f:3: there is no field 'owner'; expected name, scope and values"},
        {"secrets:\n  - name: a\n    scope: all\n",
         "f:3: 'scope' has to be \"workspace\" or \"user\""},
        {"secrets:\n  - name: a\n   scope: user\n", "f:3: this line is not indented as its like"},
        {head + "      k: v\n       l: v\n", "f:5: this line is not indented as its like"},
        {head + "      k: v\n      k: w\n", "f:5: key 'k' stands twice"},
        {head + "      k: true\n", "f:4: a text has to stand between double quotes here"},
        {head + "      k: No\n", "f:4: a text has to stand between double quotes here"},
        {head + "      k: 12\n", "f:4: a text has to stand between double quotes here"},
        {head + "      k:\n", "f:4: a text has to stand between double quotes here"},
        {head + "      k: |\n", "f:4: a text has to stand between double quotes here"},
        {head + "      k: a b\n", "f:4: something stands behind the text"},
        {head + "      k: \"a\" b\n", "f:4: something stands behind the text"},
        {head + "      k: \"a\"#b\n", "f:4: something stands behind the text"},
        {head + "      k: \"a\n", "f:4: the double quote is not closed on its line"},
        {head + "      k: 'a\n", "f:4: the single quote is not closed on its line"},
        {head + "      k: \"\\q\"\n", "f:4: a backslash is followed by what is no escape"},
        {head + "      k: \"\\ud83d\"\n", "f:4: an escape of hexadecimal digits is no character"},
        {head + "      k: \"\\x4\"\n", "f:4: an escape of hexadecimal digits is no character"},
        {head + "      k: !!binary \"?\"\n", "f:4: what stands behind !!binary is no base64"},
        {head + "      k: \"\xff\"\n", "f:4: this line is no UTF-8"},
        {head + "      k:v\n", "f:4: there is no blank behind ':'"},
        {head + "      k v\n", "f:4: there is no ':' behind the key"},
    };
    for (const Case& item : cases) {
      CAPTURE(item.text);
      CHECK(refusal_of("yaml", item.text) == item.message);
    }
  }

  TEST_CASE("JSON of another shape is refused") {
    struct Case {
      std::string text, message;
    };
    const Case cases[] = {
        {"[]", "f: expected {\"secrets\": […]} and no more"},
        {R"({"secrets":[],"x":1})", "f: expected {\"secrets\": […]} and no more"},
        {R"({"secrets":[1]})", "f: secret 1: expected an object"},
        {R"({"secrets":[{"name":"a"},{}]})", "f: secret 2: there is no 'name'"},
        {R"({"secrets":[{"name":1}]})", "f: secret 1: 'name' has to be a text"},
        {R"({"secrets":[{"name":"a","owner":"b"}]})",
         "f: secret 1: there is no field 'owner'; expected name, scope and values"},
        {R"({"secrets":[{"name":"a","scope":"all"}]})",
         "f: secret 1: 'scope' has to be \"workspace\" or \"user\""},
        {R"({"secrets":[{"name":"a","values":[]}]})", "f: secret 1: 'values' has to be an object"},
        {R"({"secrets":[{"name":"a","values":{"k":1}}]})", "f: secret 1: 'k' has to be a text"},
        {R"({"secrets":[{"name":"a","values":{"k":{"base64":"?"}}}]})",
         "f: secret 1: key 'k' has to be a text or {\"base64\": \"…\"}"},
        {R"({"secrets":[{"name":"a","values":{"k":{"x":"y"}}}]})",
         "f: secret 1: key 'k' has to be a text or {\"base64\": \"…\"}"},
        {R"({"secrets":[{"name":"a"},{"name":"a"}]})",
         "f: secret 'a' (workspace scope) stands twice"},
        {R"({"secrets":[{"name":" a"}]})", ""},
        {R"({"secrets":[{"name":"a","values":{"":"v"}}]})", ""},
        {R"({"secrets":[)", "f: this is no JSON: incomplete JSON"},
        {"", "f: this is no JSON: incomplete JSON"},
        {std::string(100, '['), ""},
    };
    for (const Case& item : cases) {
      CAPTURE(item.text);
      const std::string found = refusal_of("json", item.text);
      if (item.message.empty())
        CHECK(found.starts_with("f: "));
      else
        CHECK(found == item.message);
    }
  }

  TEST_CASE("a dotenv file of somebody else is refused, for nothing says which secret it is") {
    CHECK(refusal_of("dotenv", "# a comment\nA=1\n")
              .starts_with("f: the first value stands before any '# kist: {…}'"));
    CHECK(refusal_of("dotenv", "# kist: {\"name\":\"a\",\"scope\":\"user\"}\nA=1\nA=2\n") ==
          "f: key 'A' of secret 'a' (user scope) stands twice");
    CHECK(refusal_of("dotenv", "# kist: {\"name\":\"a\",\"scope\":\"user\"}\nA='\n\n") ==
          "f:2: the single quote is not closed");
  }
}
