// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <doctest/doctest.h>

#include "kist_process.hpp"

using namespace kist::testing;
namespace fs = std::filesystem;

namespace {

/// A directory `plugins` of its own, which kist.json names.
struct OwnPlugins : Workplace {
  explicit OwnPlugins(const std::string& store = R"({"type": "memory"})",
                      const std::string& trust = "{}") {
    fs::create_directory(directory());
    configure(R"({"secrets_store": )" + store + R"(, "plugins": {"directories": [")" +
              directory().native() + R"("], "trust": )" + trust + "}}");
  }
  fs::path directory() const { return path() / "plugins"; }
  fs::path add(const fs::path& plugin, const std::string& name) const {
    fs::copy_file(plugin, directory() / name);
    return directory() / name;
  }
};

const fs::path kMemory = fs::path(KIST_PLUGIN_DIRECTORY) / "memory.so";

}  // namespace

TEST_SUITE("system/plugin_command") {
  TEST_CASE("list shows every file, refused ones with the rule that they break") {
    const OwnPlugins workplace;
    workplace.add(kMemory, "memory.so");
    workplace.write("plugins/broken.so", "no ELF");
    workplace.write("plugins/readme.txt", "passed over");
    const std::string table = workplace.done({"plugin", "list"});
    CHECK(
        table.starts_with("TYPE    ID              VERSION  STATE             PATH\n"
                          "-       -               -        refused by KP-20  "));
    CHECK(table.find("memory  io.kist.memory  ") != std::string::npos);
    CHECK(table.find("readme") == std::string::npos);
    const auto document = workplace.done_json({"plugin", "list"});
    const auto& plugins = document.at("plugins").as_array();
    REQUIRE(plugins.size() == 2);
    const auto& refusal = plugins[0].at("refusal");
    CHECK(table.ends_with("\n" + workplace.directory().native() +
                          "/broken.so: refused by KP-20: " + text_of(refusal.at("found")) +
                          "; expected " + text_of(refusal.at("expected")) +
                          "\nsearched: " + workplace.directory().native() + "\n"));

    CHECK(plugins[0].at("state") == "refused");
    CHECK(refusal.at("rule") == "KP-20");
    CHECK(plugins[1].at("types").as_array().at(0) == "memory");
    CHECK(plugins[1].at("sha256").as_string().size() == 64);
  }

  TEST_CASE("list and inspect work before anything is configured") {
    const Workplace workplace;
    fs::remove(workplace.path() / "kist.json");
    CHECK(workplace.done({"plugin", "list"}).find("io.kist.sqlite") != std::string::npos);
    CHECK(workplace.done({"plugin", "inspect", "sqlite.so"}).find("kist_plugin_v1") !=
          std::string::npos);
  }

  TEST_CASE("inspect shows the manifest, the options, and what the file needs and exports") {
    const Workplace workplace;
    const auto shown = workplace.done_json({"plugin", "inspect", "io.kist.sqlite"});
    CHECK(shown.at("state") == "checked");
    CHECK(shown.at("manifest").at("id") == "io.kist.sqlite");
    CHECK(shown.at("exports").as_array().size() == 1);
    const auto& option =
        shown.at("manifest").at("stores").as_array().at(0).at("options").as_array().at(0);
    CHECK(option.at("name") == "path");
    CHECK(option.at("required") == true);
    const std::string table =
        workplace.done({"plugin", "inspect", KIST_PLUGIN_DIRECTORY "/sqlite.so"});
    CHECK(table.find("\nOPTION            KIND     DEFAULT     ALLOWED") != std::string::npos);
    CHECK(table.find("libsqlite3.so.0") != std::string::npos);
  }

  TEST_CASE("new refuses names that would not do, and a directory that is not empty") {
    const Workplace workplace;
    workplace.refuses(
        {{{"plugin", "new", "Acme"},
          "the name is 'Acme'; expected 1 to 32 of a-z 0-9 _, first a letter"},
         {{"plugin", "new", "a-b"},
          "the name is 'a-b'; expected 1 to 32 of a-z 0-9 _, first a letter"},
         {{"plugin", "new", std::string(33, 'a')},
          "the name is '" + std::string(33, 'a') +
              "'; expected 1 to 32 of a-z 0-9 _, first a letter"},
         {{"plugin", "new", "acme", "--lang", "rst"},
          "--lang is 'rst'; did you mean 'rust'? Allowed: c++, c, rust"},
         {{"plugin", "new", "acme", "--id", ".acme"},
          "--id is '.acme'; expected 1 to 128 of a-z 0-9 . -, not starting with . or -, and "
          "without .."},
         {{"plugin", "new", "acme", "--vendor", "a\"b"},
          "--vendor is 'a\"b'; expected 1 to 100 bytes of UTF-8 without quotes, backslashes and "
          "control characters"},
         {{"plugin", "new", "acme", "--license", ""},
          "--license is ''; expected 1 to 100 bytes of UTF-8 without quotes, backslashes and "
          "control characters"},
         {{"plugin", "new", "acme", "--directory", "a\"b"},
          "--directory is 'a\"b'; expected a path without quotes and backslashes"}});
    const auto written = workplace.done_json({"plugin", "new", "acme"});
    CHECK(written.at("type") == "acme");
    CHECK(written.at("id") == "org.example.acme");
    CHECK(read_file(workplace.path() / "acme/kist.json").find(workplace.path() / "acme/build") !=
          std::string::npos);
    const Ended again = workplace.kist({"plugin", "new", "acme"});
    CHECK(again.exit_code == 5);
    CHECK(again.err == "kist: already_exists: the directory '" +
                           (workplace.path() / "acme").native() +
                           "' is there already, and not empty\n");
    const Ended absent = workplace.kist({"plugin", "new", "other", "--sdk", "/nowhere"});
    CHECK(absent.exit_code == 4);
    CHECK(!fs::exists(workplace.path() / "other"));
  }

  TEST_CASE("list says which directory is not there") {
    const OwnPlugins workplace;
    fs::remove(workplace.directory());
    CHECK(workplace.done({"plugin", "list"})
              .ends_with("\nnot searched: directory '" + workplace.directory().native() +
                         "': no such directory\n"));
  }

  TEST_CASE("inspect takes a file, an id or a store type, and else names the places tried") {
    const OwnPlugins workplace;
    const fs::path file = workplace.add(kMemory, "first.so");
    const std::string shown = workplace.done({"plugin", "inspect", "first.so"});
    CHECK(workplace.done({"plugin", "inspect", "io.kist.memory"}) == shown);
    CHECK(workplace.done({"plugin", "inspect", "memory"}) == shown);
    const Ended absent = workplace.kist({"plugin", "inspect", "absent"});
    CHECK(absent.exit_code == 4);
    CHECK(absent.err.starts_with(
        "kist: not_found: no plugin directory has a file, a plugin or a store type 'absent'; a "
        "file that lies elsewhere needs a '/' in its name\n  " +
        file.native() + ": plugin 'io.kist.memory', which provides 'memory'\n"));
    workplace.add(kMemory, "second.so");
    const Ended twice = workplace.kist({"plugin", "inspect", "memory"});
    CHECK(twice.exit_code == 6);
    CHECK(twice.err.find("two plugins provide store type 'memory'") != std::string::npos);
  }

  TEST_CASE("inspect explains a refusal, and ends in exit code 6") {
    const OwnPlugins workplace;
    workplace.write("plugins/broken.so", "no ELF");
    const Ended ended = workplace.kist({"plugin", "inspect", "broken.so"});
    CHECK(ended.exit_code == 6);
    CHECK(ended.err.empty());
    CHECK(ended.out.find("REFUSED    KP-20: ") != std::string::npos);
    CHECK(workplace.kist({"plugin", "inspect", "absent"}).exit_code == 4);
    CHECK(workplace.kist({"plugin", "inspect", "./absent.so"}).exit_code == 4);
  }

  TEST_CASE("AT-19: a plugin file that others could have put there is refused") {
    const OwnPlugins workplace;
    const fs::path file = workplace.add(kMemory, "memory.so");
    const auto refused = [&] {
      const Ended listed = workplace.kist({"secret", "list"});
      const auto document = workplace.done_json({"plugin", "list"});
      const auto& plugins = document.at("plugins").as_array();
      return listed.exit_code == 6 && (plugins.empty() || plugins[0].at("state") == "refused");
    };
    CHECK(!refused());
    fs::permissions(file, fs::perms::others_write, fs::perm_options::add);
    CHECK(refused());
    fs::permissions(file, fs::perms::others_write, fs::perm_options::remove);
    fs::create_hard_link(file, workplace.path() / "second");
    CHECK(refused());
    fs::remove(workplace.path() / "second");
    CHECK(!refused());
    fs::permissions(workplace.directory(), fs::perms::others_write, fs::perm_options::add);
    CHECK(refused());
    CHECK(workplace.done({"plugin", "list"})
              .ends_with("\nnot searched: directory '" + workplace.directory().native() +
                         "': refused by KP-19: the directory '" + workplace.directory().native() +
                         "' is writable by others than its owner; expected mode go-w\n"));
    CHECK(workplace.done({"plugin", "list", "--output", "json"}).find("KP-19") !=
          std::string::npos);
    fs::permissions(workplace.directory(), fs::perms::others_write, fs::perm_options::remove);
    fs::remove(file);
    fs::create_symlink(kMemory, file);
    CHECK(refused());
  }

  TEST_CASE("AT-19: class_path leads nowhere but into a plugin directory") {
    for (const std::string path :
         {"../plugins/memory.so", "plugins/memory.so", "/etc/passwd", "", ":memory"}) {
      CAPTURE(path);
      const OwnPlugins workplace(R"({"type": "custom", "class_path": ")" + path + R"("})");
      workplace.add(kMemory, "memory.so");
      const int code = workplace.kist({"secret", "list"}).exit_code;
      CHECK((code == 2 || code == 6));
    }
  }

  TEST_CASE("a store type that no plugin provides is answered with the places and what is there") {
    const OwnPlugins workplace(R"({"type": "sqlite", "path": "x"})");
    const fs::path file = workplace.add(kMemory, "memory.so");
    const Ended ended = workplace.kist({"secret", "list"});
    CHECK(ended.exit_code == 6);
    CHECK(
        ended.err ==
        "kist: failed_precondition: kist.json:1:28: no plugin provides store type 'sqlite'\n  " +
            file.native() +
            ": plugin 'io.kist.memory', which provides 'memory'\n"
            "  the working directory: never searched, since anyone may have written there\n"
            "  LD_LIBRARY_PATH and the directories of the dynamic linker: never searched, for the "
            "same reason\n");
  }

  TEST_CASE("a pin that does not fit refuses the plugin") {
    const OwnPlugins workplace(R"({"type": "memory"})",
                               R"({"sha256": {"memory.so": ")" + std::string(64, '0') + R"("}})");
    workplace.add(kMemory, "memory.so");
    const Ended ended = workplace.kist({"secret", "list"});
    CHECK(ended.exit_code == 6);
    const Ended inspected = workplace.kist({"plugin", "inspect", "memory.so"});
    CHECK(inspected.exit_code == 6);
    CHECK(inspected.out.find("REFUSED    KP-25: ") != std::string::npos);
  }

  TEST_CASE("a stranger's plugin is used as type custom, by path, by file name and by id") {
    for (const bool with_type : {false, true}) {
      const std::string suffix = with_type ? ":dir" : "";
      for (const std::string by : {"path", "stranger.so", "org.example.dir"}) {
        CAPTURE(by);
        OwnPlugins workplace;
        const fs::path file = workplace.add(KIST_STRANGER, "stranger.so");
        workplace.configure(R"({"secrets_store": {"type": "custom", "class_path": ")" +
                            (by == "path" ? file.native() : by) + suffix +
                            R"(", "root": "records"}, "plugins": {"directories": [")" +
                            workplace.directory().native() + "\"]}}");
        workplace.done({"secret", "create", "s", "k=-"}, "v");
        CHECK(workplace.done({"secret", "get", "s", "--key", "k"}) == "v");
      }
    }
  }
}
