// SPDX-License-Identifier: Apache-2.0
#include "loader/manifest.hpp"

#include <string>

#include <doctest/doctest.h>

#include <kist/error.hpp>
#include <kist/plugin.h>

namespace {

using namespace kist::core;

constexpr std::string_view kWhole = R"({
  "manifest": 1, "id": "org.example.dir", "version": "1.0.0", "vendor": "Example",
  "license": "Apache-2.0", "summary": "Files in a directory.", "x-build": {"any": ["thing"]},
  "abi": {"major": 1, "minor": 7},
  "build": {"arch": "x86_64", "compiler": "g++ 12.2.0", "libc": "glibc 2.36", "sdk": "0.1.0"},
  "stores": [{
    "type": "dir", "summary": "One file per secret.", "threading": "concurrent",
    "capabilities": ["scan", "persistent", "of_a_later_minor"], "max_secret_bytes": 65536, "x-a": 1,
    "options": [
      {"name": "root", "kind": "path", "required": true, "description": "Where.", "x-b": 1},
      {"name": "timeout_ms", "kind": "integer", "default": 5000, "min": 0, "max": 60000},
      {"name": "mode", "kind": "string", "choices": ["a", "b"], "default": "a"},
      {"name": "token", "kind": "string", "secret": true},
      {"name": "wal", "kind": "boolean", "default": true}]}]})";

std::string message_of(std::string_view text) {
  try {
    parse_manifest(text);
    return "";
  } catch (const kist::Error& error) {
    CHECK(error.code == kist::ErrorCode::invalid_argument);
    return error.what();
  }
}

// A small good manifest, with one part of it replaced.
std::string spoilt(std::string_view from, std::string_view to) {
  std::string text =
      R"({"manifest":1,"id":"org.tiny","version":"1","abi":{"major":1,"minor":0},"stores":[)"
      R"({"type":"tiny","threading":"serial","capabilities":["scan"],"options":[)"
      R"({"name":"n","kind":"integer","min":1,"max":9,"default":5},)"
      R"({"name":"s","kind":"string","choices":["a","b"],"default":"a"},)"
      R"({"name":"p","kind":"path","default":"/p"},)"
      R"({"name":"b","kind":"boolean","default":false}]}]})";
  const std::size_t found = text.find(from);
  REQUIRE(found != std::string::npos);
  return text.replace(found, from.size(), to);
}

struct Case {
  std::string_view from, to;
  std::string message;
};

void check(std::initializer_list<Case> cases) {
  for (const Case& c : cases) {
    CAPTURE(c.from);
    CAPTURE(c.to);
    CHECK(message_of(spoilt(c.from, c.to)) == c.message);
  }
}

const std::string kId = "1 to 128 of a-z 0-9 . -, not starting with . or -, and without ..";

}  // namespace

TEST_SUITE("core/loader/manifest") {
  TEST_CASE("a manifest says what its plugin is and which options its stores take") {
    const Manifest manifest = parse_manifest(kWhole);
    CHECK(manifest.id == "org.example.dir");
    CHECK(manifest.version == "1.0.0");
    CHECK(manifest.vendor == "Example");
    CHECK(manifest.license == "Apache-2.0");
    CHECK(manifest.summary == "Files in a directory.");
    CHECK(manifest.abi_major == 1);
    CHECK(manifest.abi_minor == 7);
    CHECK(manifest.arch == "x86_64");
    CHECK(manifest.compiler == "g++ 12.2.0");
    CHECK(manifest.libc == "glibc 2.36");
    CHECK(manifest.sdk == "0.1.0");
    REQUIRE(manifest.store("dir") != nullptr);
    CHECK(manifest.store("other") == nullptr);

    const StoreTypeManifest& store = *manifest.store("dir");
    CHECK(store.summary == "One file per secret.");
    CHECK(store.threading == "concurrent");
    CHECK(store.has("scan"));
    CHECK(store.has("of_a_later_minor"));
    CHECK_FALSE(store.has("native_query"));
    CHECK(store.max_secret_bytes == 65536);
    CHECK(store.options.size() == 5);
    CHECK(store.option("adress") == nullptr);

    CHECK(store.option("root")->kind == OptionKind::path);
    CHECK(store.option("root")->required);
    CHECK(store.option("root")->description == "Where.");
    CHECK(store.option("root")->default_text == std::nullopt);
    CHECK(store.option("timeout_ms")->kind == OptionKind::integer);
    CHECK(store.option("timeout_ms")->default_text == "5000");
    CHECK(store.option("timeout_ms")->min == 0);
    CHECK(store.option("timeout_ms")->max == 60000);
    CHECK(store.option("mode")->choices == std::vector<std::string>{"a", "b"});
    CHECK(store.option("mode")->default_text == "a");
    CHECK(store.option("token")->secret);
    CHECK(store.option("wal")->kind == OptionKind::boolean);
    CHECK(store.option("wal")->default_text == "true");
  }

  TEST_CASE("the members that name a plugin are required and bounded") {
    const std::string long_id(129, 'a'), long_version(65, '1');
    check({
        {R"("manifest":1,)", "", "manifest: 'manifest' is missing, expected 1"},
        {R"("manifest":1,)", R"("manifest":2,)", "manifest: 'manifest' is 2, expected 1"},
        {R"("manifest":1,)", R"("manifest":1.0,)", "manifest: 'manifest' is 1E0, expected 1"},
        {R"("id":"org.tiny",)", "", "manifest: 'id' is missing, expected " + kId},
        {R"("org.tiny")", R"("Org.Tiny")", "manifest: 'id' is 'Org.Tiny', expected " + kId},
        {R"("org.tiny")", R"("")", "manifest: 'id' is '', expected " + kId},
        {R"("org.tiny")", R"("-x")", "manifest: 'id' is '-x', expected " + kId},
        {R"("org.tiny")", R"(".x")", "manifest: 'id' is '.x', expected " + kId},
        {R"("org.tiny")", R"("a..b")", "manifest: 'id' is 'a..b', expected " + kId},
        {R"("org.tiny")", R"("a/b")", "manifest: 'id' is 'a/b', expected " + kId},
        {R"("org.tiny")", "\"" + long_id + "\"",
         "manifest: 'id' is a text of 129 bytes, expected " + kId},
        {R"("org.tiny")", "7", "manifest: 'id' is 7, expected " + kId},
        {R"("version":"1",)", "",
         "manifest: 'version' is missing, expected a text of 1 to 64 bytes"},
        {R"("version":"1")", R"("version":")" + long_version + "\"",
         "manifest: 'version' is a text of 65 bytes, expected a text of 1 to 64 bytes"},
        {R"({"major":1,"minor":0})", "[1]", "manifest: 'abi' is a list of 1, expected an object"},
        {R"("abi":{"major":1,"minor":0},)", "", "manifest: 'abi' is missing, expected an object"},
        {R"("minor":0)", R"("minor":-1)",
         "manifest: 'abi.minor' is -1, expected a whole number from 0 to 65535"},
        {R"("major":1,)", "",
         "manifest: 'abi.major' is missing, expected a whole number from 0 to 65535"},
    });
    CHECK(message_of(spoilt("org.tiny", std::string(128, 'a'))) == "");
    CHECK(message_of("[]") == "manifest: the document is a list of 0, expected an object");
  }

  TEST_CASE("a member that nobody knows is refused, lest a misspelt one be passed over") {
    check({
        {R"("version":"1")", R"("version":"1","licence":"MIT")",
         "manifest: 'licence' is not known, expected one of manifest, id, version, vendor, "
         "license, "
         "summary, abi, build, stores, or a name that starts with 'x-'"},
        {R"("minor":0)", R"("minor":0,"kind":"c")",
         "manifest: 'abi.kind' is not known, expected one of major, minor, or a name that starts "
         "with "
         "'x-'"},
        {R"("kind":"path")", R"("kind":"path","requird":true)",
         "manifest: 'stores[0].options[2].requird' is not known, expected one of name, kind, "
         "required, "
         "secret, description, min, max, choices, default, or a name that starts with 'x-'"},
        {R"("kind":"path")", R"("kind":"path","x-requird":true)", ""},
    });
  }

  TEST_CASE("a store type has a name, a threading class and one way to be listed") {
    check({
        {R"("type":"tiny",)", "",
         "manifest: 'stores[0].type' is missing, expected 1 to 64 of a-z 0-9 _ -"},
        {R"("tiny")", R"("Dir")",
         "manifest: 'stores[0].type' is 'Dir', expected 1 to 64 of a-z 0-9 _ -"},
        {R"("serial")", R"("parallel")",
         "manifest: 'stores[0].threading' is 'parallel', expected serial or concurrent"},
        {R"("threading":"serial",)", "",
         "manifest: 'stores[0].threading' is missing, expected serial or concurrent"},
        {R"(["scan"])", R"(["persistent"])",
         "manifest: 'stores[0].capabilities' is a list of 1, expected exactly one of 'scan' and "
         "'native_query' in it"},
        {R"(["scan"])", R"(["scan","native_query"])",
         "manifest: 'stores[0].capabilities' is a list of 2, expected exactly one of 'scan' and "
         "'native_query' in it"},
        {R"(["scan"])", R"(["scan","scan"])",
         "manifest: 'stores[0].capabilities[1]' is 'scan', expected each entry only once"},
        {R"(["scan"])", "[1]",
         "manifest: 'stores[0].capabilities[0]' is 1, expected 1 to 64 of a-z 0-9 _, first a "
         "letter"},
        {R"(["scan"])", "[]",
         "manifest: 'stores[0].capabilities' is a list of 0, expected a list of 1 to 32"},
        {R"("serial")", R"("serial","max_secret_bytes":0)",
         "manifest: 'stores[0].max_secret_bytes' is 0, expected a whole number from 1 to "
         "1099511627776"},
        {R"("stores":[)",
         R"("stores":[{"type":"tiny","threading":"serial","capabilities":["scan"]},)",
         "manifest: 'stores[1].type' is 'tiny', expected each store type only once"},
        {R"("stores":[)", R"("stores":[7,)", "manifest: 'stores[0]' is 7, expected an object"},
    });
    CHECK(message_of(
              R"({"manifest":1,"id":"a","version":"1","abi":{"major":1,"minor":0},"stores":[]})") ==
          "manifest: 'stores' is a list of 0, expected a list of 1 to 16");
  }

  TEST_CASE("an option's default fits its kind, its range and its choices") {
    check({
        {R"("name":"n")", R"("name":"1n")",
         "manifest: 'stores[0].options[0].name' is '1n', expected 1 to 64 of a-z 0-9 _, first a "
         "letter"},
        {R"("name":"n")", R"("name":"_n")",
         "manifest: 'stores[0].options[0].name' is '_n', expected 1 to 64 of a-z 0-9 _, first a "
         "letter"},
        {R"("name":"n")", R"("name":"class_path")",
         "manifest: 'stores[0].options[0].name' is 'class_path', expected none of type, "
         "class_path, "
         "trace_calls, isolation, which are the host's"},
        {R"("name":"s")", R"("name":"n")",
         "manifest: 'stores[0].options[1].name' is 'n', expected each option only once"},
        {R"("kind":"integer")", R"("kind":"number")",
         "manifest: 'stores[0].options[0].kind' is 'number', expected string, integer, boolean or "
         "path"},
        {R"("default":5)", R"("default":0)",
         "manifest: 'stores[0].options[0].default' is 0, expected at least the min, which is 1"},
        {R"("default":5)", R"("default":10)",
         "manifest: 'stores[0].options[0].default' is 10, expected at most the max, which is 9"},
        {R"("default":5)", R"("default":"5")",
         "manifest: 'stores[0].options[0].default' is '5', expected a whole number of 64 bits"},
        {R"("default":5)", R"("default":9223372036854775808)",
         "manifest: 'stores[0].options[0].default' is 9223372036854775808, expected a whole number "
         "of "
         "64 bits"},
        {R"("default":5)", R"("default":5,"required":true)",
         "manifest: 'stores[0].options[0].default' is 5, expected none, for the option is "
         "required"},
        {R"("min":1)", R"("min":10)",
         "manifest: 'stores[0].options[0].min' is 10, expected at most the max, which is 9"},
        {R"("default":"a")", R"("default":"c")",
         "manifest: 'stores[0].options[1].default' is 'c', expected one of the choices"},
        {R"("default":"a")", R"("default":"a","max":3)",
         "manifest: 'stores[0].options[1].max' is 3, expected only integers to have it"},
        {R"("kind":"path")", R"("kind":"path","choices":["/p"])",
         "manifest: 'stores[0].options[2].choices' is a list of 1, expected only strings to have "
         "them"},
        {R"("/p")", R"("p")",
         "manifest: 'stores[0].options[2].default' is 'p', expected an absolute path"},
        {R"("default":false)", R"("default":"no")",
         "manifest: 'stores[0].options[3].default' is 'no', expected true or false"},
        {R"("kind":"boolean")", R"("kind":"boolean","secret":1)",
         "manifest: 'stores[0].options[3].secret' is 1, expected true or false"},
    });
  }

  TEST_CASE("a manifest is strict JSON of at most 64 KiB") {
    check({
        {R"("version":"1",)", R"("version":"1","id":"org.other",)",
         "manifest: byte 47: the key 'id' stands twice"},
        {R"("version":"1")", R"("version":"1\u001b[2J")",
         "manifest: byte 51: a string holds a control character"},
        {R"("version":"1",)", R"("x-a":[[[[[[[[]]]]]]]],)", "manifest: byte 43: too deep"},
    });
    std::string text = spoilt(R"("id")", R"( "id")");
    text.append(KIST_MANIFEST_SIZE_MAX - text.size(), ' ');
    CHECK(message_of(text) == "");
    CHECK(message_of(text + " ") == "manifest: the text has 65537 bytes, expected at most 65536");
  }
}
