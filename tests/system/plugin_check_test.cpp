// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <string>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <doctest/doctest.h>

#include "kist_process.hpp"

using namespace kist::testing;
namespace fs = std::filesystem;

namespace {

const fs::path kMemory = fs::path(KIST_PLUGIN_DIRECTORY) / "memory.so";

std::string of_the_tests(const std::string& name) {
  return KIST_TEST_PLUGINS "/broken/" + name + "/" + name + ".so";
}

/// "KP-1 broken, KP-22 warning": the rules of one checked file that do not simply hold.
std::string remarks(const boost::json::value& file) {
  std::string text;
  for (const auto& rule : file.at("rules").as_array()) {
    const std::string verdict = text_of(rule.at("verdict"));
    if (verdict == "holds" || verdict == "not judged") continue;
    text += (text.empty() ? "" : ", ") + text_of(rule.at("rule")) + " " + verdict;
  }
  return text;
}

std::string verdict_of(const boost::json::value& file, const std::string& wanted) {
  for (const auto& rule : file.at("rules").as_array()) {
    if (text_of(rule.at("rule")) == wanted) return text_of(rule.at("verdict"));
  }
  return "no such rule";
}

boost::json::value first_file(const Workplace& workplace, Words words) {
  words.insert(words.end(), {"--output", "json"});
  return workplace.kist(words).json().at("files").as_array().at(0);
}

}  // namespace

TEST_SUITE("system/plugin_check") {
  TEST_CASE("check says of a good file that each rule holds, and which are not judged") {
    const Workplace workplace;
    const std::string text = workplace.done({"plugin", "check", kMemory.native()});
    CHECK(text == kMemory.native() + ": io.kist.memory " KIST_TEST_VERSION R"(, store type memory
RULE   VERDICT
KP-1   holds       exports the function 'kist_plugin_v1' and nothing else
KP-18  holds       takes at most 64 bytes of static thread-local storage
KP-19  not judged  give --installed for a file that lies where it will be loaded from
KP-20  holds       a whole shared object for this machine
KP-21  holds       no memory is both writable and executable
KP-22  holds       needs only libraries that a host allows, and none by a path of its own
KP-23  holds       has one manifest, which parses
KP-24  holds       is built for this host's ABI
KP-25  not judged  the configuration pins nothing of this file

1 file: 1 good, 0 with warnings, 0 that a host refuses
)");
  }

  TEST_CASE("check finds each static fault by its rule and by no other") {
    const Workplace workplace;
    const std::vector<std::pair<std::string, std::string>> faults = {
        {"data_entry", "KP-1"},
        {"extra_export", "KP-1"},
        {"ifunc", "KP-1"},
        {"no_export", "KP-1"},
        {"interpreter", "KP-20"},
        {"manifest_sizes_lie", "KP-20"},
        {"executable_stack", "KP-21"},
        {"text_relocations", "KP-21"},
        {"runpath", "KP-22"},
        {"unlisted_library", "KP-22"},
        {"manifest_cut", "KP-23"},
        {"manifest_duplicate_keys", "KP-23"},
        {"manifest_id_for_terminal", "KP-23"},
        {"manifest_no_json", "KP-23"},
        {"manifest_too_large", "KP-23"},
        {"manifest_without_stores", "KP-23"},
        {"no_manifest", "KP-23"},
        {"two_manifests", "KP-23"},
        {"manifest_of_major_2", "KP-24"},
        {"manifest_says_major_2", "KP-24"}};
    for (const auto& [name, rule] : faults) {
      const std::string plugin = name;
      CAPTURE(plugin);
      const Ended ended =
          workplace.kist({"plugin", "check", of_the_tests(plugin), "--output", "json"});
      CHECK(ended.exit_code == 6);
      const auto document = ended.json();
      const auto& file = document.at("files").as_array().at(0);
      CHECK(remarks(file) == rule + " broken");
      CHECK(file.at("state") == "refused");
    }
  }

  TEST_CASE("check --strict makes an error of a warning") {
    const Workplace workplace;
    const std::string plugin = of_the_tests("static_tls");
    const auto file = first_file(workplace, {"plugin", "check", plugin});
    CHECK(remarks(file) == "KP-18 warning");
    CHECK(file.at("state") == "warned");
    CHECK(workplace.kist({"plugin", "check", plugin}).exit_code == 0);
    CHECK(workplace.kist({"plugin", "check", "--strict", plugin}).exit_code == 6);
    CHECK(workplace.kist({"plugin", "check", "--strict", kMemory.native()}).exit_code == 0);
  }

  TEST_CASE("check --installed judges who can change the file, and goes on to the other rules") {
    const Workplace workplace;
    const fs::path file = workplace.path() / "memory.so";
    fs::copy_file(kMemory, file);
    const Words words{"plugin", "check", "--installed", file.native()};
    CHECK(verdict_of(first_file(workplace, words), "KP-19") == "holds");
    fs::permissions(file, fs::perms::group_write, fs::perm_options::add);
    CHECK(workplace.kist(words).exit_code == 6);
    const auto checked = first_file(workplace, words);
    CHECK(remarks(checked) == "KP-19 broken");
    CHECK(verdict_of(checked, "KP-20") == "holds");
    CHECK(checked.at("id") == "io.kist.memory");
    CHECK(workplace.kist({"plugin", "check", file.native()}).exit_code == 0);
  }

  TEST_CASE("check holds a file against the pin of the configuration (KP-25)") {
    const Workplace workplace;
    const auto verdict = [&](const std::string& pin) {
      workplace.configure(R"({"secrets_store": {"type": "memory"}, "plugins": {"trust": )"
                          R"({"sha256": {"io.kist.memory": ")" +
                          pin + R"("}}}})");
      return verdict_of(first_file(workplace, {"plugin", "check", kMemory.native()}), "KP-25");
    };
    CHECK(verdict(std::string(64, '0')) == "broken");
    const auto file = first_file(workplace, {"plugin", "check", kMemory.native()});
    CHECK(verdict(text_of(file.at("sha256"))) == "holds");
  }

  TEST_CASE("what cannot be read as a shared object is not judged by the other rules") {
    const Workplace workplace;
    workplace.write("empty.so", "");
    workplace.write("text.so", "no ELF");
    workplace.write("cut.so", read_file(kMemory).substr(0, 4096));
    for (const std::string name : {"empty.so", "text.so", "cut.so"}) {
      CAPTURE(name);
      const auto file = first_file(workplace, {"plugin", "check", name});
      CHECK(remarks(file) == "KP-20 broken");
      CHECK(verdict_of(file, "KP-1") == "not judged");
    }
    CHECK(remarks(first_file(workplace, {"plugin", "check", "/dev/null"})) == "KP-19 broken");
    CHECK(workplace.kist({"plugin", "check", "absent.so"}).exit_code == 4);
    CHECK(workplace.kist({"plugin", "check", ""}).exit_code == 2);
    CHECK(workplace.kist({"plugin", "check"}).exit_code == 2);
  }

  TEST_CASE("check takes several files, and says of all how many are good") {
    const Workplace workplace;
    const Ended ended = workplace.kist({"plugin", "check", kMemory.native(),
                                        of_the_tests("static_tls"), of_the_tests("extra_export")});
    CHECK(ended.exit_code == 6);
    CHECK(ended.out.ends_with("\n3 files: 1 good, 1 with warnings, 1 that a host refuses\n"));
    CHECK(ended.out.find("KP-1   broken      the file also exports 'another_symbol'; expected the "
                         "one symbol 'kist_plugin_v1' and no other\n") != std::string::npos);
  }
}
