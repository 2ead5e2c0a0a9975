// SPDX-License-Identifier: Apache-2.0
#include "loader/plugin_search.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "loaded_plugin.hpp"
#include "sanitizers.hpp"

template <>
struct doctest::StringMaker<std::vector<std::string>> {
  static String convert(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += "\n" + line;
    return text.c_str();
  }
};

namespace {

using namespace kist::core;
using namespace kist::test;
using Strings = std::vector<std::string>;

const Strings kNeverSearched = {
    "the working directory: never searched, since anyone may have written there",
    "LD_LIBRARY_PATH and the directories of the dynamic linker: never searched, for the same "
    "reason"};

Strings operator+(Strings a, const Strings& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// What a search says that finds nothing: the message, then the trail; paths of `a` and `b` as A
/// and B.
struct Directories {
  PluginDirectory a, b;

  PluginSearch search() const { return PluginSearch({a.path(), b.path()}, {}); }
  std::string shown(std::string text) const {
    return replaced(replaced(std::move(text), a.path().native(), "A"), b.path().native(), "B");
  }
  template <class Find>
  Strings failure(Find&& find) const {
    try {
      find();
      return {};
    } catch (const PluginNotFound& error) {
      CHECK(error.code == kist::ErrorCode::failed_precondition);
      Strings lines = {shown(error.what())};
      for (const std::string& place : error.trail) lines.push_back(shown(place));
      return lines;
    }
  }
  Strings without(const std::string& class_path) const {
    return failure([&] { search().by_class_path(ClassPath::parse(class_path)); });
  }
  std::string file_of(const PluginSelection& selection) const {
    return shown(selection.plugin.file.path().native()) + ":" + selection.store_type;
  }
  std::string file_of(const std::string& class_path) const {
    return file_of(search().by_class_path(ClassPath::parse(class_path)));
  }
};

const std::string kMinimal = "plugin 'org.example.minimal', which provides 'minimal'";
const std::string kTwoTypes = "plugin 'org.example.two-types', which provides 'red', 'blue'";

}  // namespace

TEST_SUITE("core/loader/plugin_search") {
  TEST_CASE("class_path is a path, a file name or an id, with a store type behind a colon") {
    using By = ClassPath::By;
    struct Case {
      const char* text;
      By by;
      const char *plugin, *store_type;
    };
    const Case cases[] = {{"/p/acme.so", By::path, "/p/acme.so", ""},
                          {"/p/acme.so:kv", By::path, "/p/acme.so", "kv"},
                          {"/p:q/acme.so", By::path, "/p:q/acme.so", ""},
                          {"/p:q/acme.so:kv", By::path, "/p:q/acme.so", "kv"},
                          {"acme.so", By::file_name, "acme.so", ""},
                          {"acme.so:kv", By::file_name, "acme.so", "kv"},
                          {"org.example.acme", By::id, "org.example.acme", ""},
                          {"org.example.acme:kv", By::id, "org.example.acme", "kv"}};
    for (const Case& c : cases) {
      CAPTURE(c.text);
      const ClassPath result = ClassPath::parse(c.text);
      CHECK(result.by == c.by);
      CHECK(result.plugin == c.plugin);
      CHECK(result.store_type == c.store_type);
    }
    const std::string nothing = "invalid_argument: class_path names no plugin";
    const std::string relative =
        "' is a relative path; expected an absolute one, a file name, or the id of a plugin";
    CHECK(complaint([] { ClassPath::parse(""); }) == nothing);
    CHECK(complaint([] { ClassPath::parse(":kv"); }) == nothing);
    CHECK(complaint([] { ClassPath::parse("./acme.so"); }) ==
          "invalid_argument: class_path './acme.so" + relative);
    CHECK(complaint([] { ClassPath::parse("../acme.so:kv"); }) ==
          "invalid_argument: class_path '../acme.so" + relative);
  }

  TEST_CASE("a plugin is found by its store type, path, file name and id") {
    const Directories in;
    in.a.write("two.so", bytes_of_plugin("good/two_types"));
    in.b.write("minimal.so", bytes_of_plugin("good/minimal"));
    in.b.write("README", "not a plugin, and not looked at");
    CHECK(in.file_of(in.search().by_type("minimal")) == "B/minimal.so:minimal");
    CHECK(in.file_of(in.search().by_type("blue")) == "A/two.so:blue");
    const std::string a = in.a.path().native(), b = in.b.path().native();
    CHECK(in.file_of(b + "/minimal.so") == "B/minimal.so:minimal");
    CHECK(in.file_of(b + "/../" + in.b.path().filename().native() + "//minimal.so:minimal") ==
          "B/minimal.so:minimal");
    CHECK(in.file_of("minimal.so") == "B/minimal.so:minimal");
    CHECK(in.file_of("org.example.minimal") == "B/minimal.so:minimal");
    CHECK(in.file_of("org.example.two-types:red") == "A/two.so:red");
    CHECK(in.file_of(a + "/two.so:blue") == "A/two.so:blue");

    CHECK(in.without("two.so") ==
          Strings{"plugin 'org.example.two-types' provides 'red', 'blue'; put the one you want "
                  "behind class_path, after a colon"});
    CHECK(in.without("two.so:green") ==
          Strings{"plugin 'org.example.two-types' has no store type 'green'; it provides 'red', "
                  "'blue'"});
  }

  TEST_CASE("a search that finds nothing tells each place, and what it found there") {
    const Directories in;
    in.a.write("b.so", bytes_of_plugin("good/two_types"));
    in.a.write("a.so", bytes_of_plugin("good/minimal"));
    in.a.write("c.so", "no plugin");
    const Strings trail = {"A/a.so: " + kMinimal, "A/b.so: " + kTwoTypes,
                           "A/c.so: refused by KP-20: the file is not an ELF file; expected a "
                           "shared object",
                           "B: no file whose name ends in .so"};
    CHECK(in.failure([&] { in.search().by_type("acme"); }) ==
          Strings{"no plugin provides store type 'acme'"} + trail + kNeverSearched);
    CHECK(in.without("org.example.acme") ==
          Strings{"no plugin provides the id 'org.example.acme'"} + trail + kNeverSearched);
    CHECK(in.failure([&] { in.search().by_type("minmal"); }).front() ==
          "no plugin provides store type 'minmal'; did you mean 'minimal'?");
    CHECK(in.without("acme.so") ==
          Strings{"no plugin directory holds 'acme.so'", "A: no such file", "B: no such file"} +
              kNeverSearched);
    CHECK(in.without("/elsewhere/a.so") == Strings{"no plugin directory holds '/elsewhere/a.so'",
                                                   "A: not the directory of that file",
                                                   "B: not the directory of that file"} +
                                               kNeverSearched);
    CHECK(in.without(in.a.path().native() + "/acme.so") ==
          Strings{"no plugin directory holds 'A/acme.so'", "A: no such file",
                  "B: not the directory of that file"} +
              kNeverSearched);
  }

  TEST_CASE(
      "two plugins that provide one store type, or have one id, are refused by name (KP-26, "
      "AT-24)") {
    const Directories in;
    in.a.write("x.so", bytes_of_plugin("good/minimal"));
    in.b.write("x.so", bytes_of_plugin("good/minimal"));
    const Strings trail = {"A/x.so: " + kMinimal, "B/x.so: " + kMinimal};
    const std::string both =
        ": 'A/x.so' and 'B/x.so' (KP-26); remove one, or name one by class_path";
    CHECK(in.failure([&] { in.search().by_type("minimal"); }) ==
          Strings{"two plugins provide store type 'minimal'" + both} + trail);
    CHECK(in.without("org.example.minimal") ==
          Strings{"two plugins provide the id 'org.example.minimal'" + both} + trail);

    CHECK(in.file_of("x.so") == "A/x.so:minimal");
    CHECK(in.file_of(in.b.path().native() + "/x.so") == "B/x.so:minimal");
    in.a.write("x.so", "damaged");
    CHECK(in.file_of(in.search().by_type("minimal")) == "B/x.so:minimal");
    CHECK(complaint([&] { in.search().by_class_path(ClassPath::parse("x.so")); }) ==
          "failed_precondition: plugin '" + in.a.path().native() +
              "/x.so' refused by KP-20: the file is not an ELF file; expected a shared object");
  }

  TEST_CASE("a directory that is given twice is searched once, however it is written") {
    const PluginDirectory directory;
    directory.write("x.so", bytes_of_plugin("good/minimal"));
    const std::string path = directory.path().native();
    const PluginSearch search(
        {path, path + "/", path + "/./", path + "/../" + directory.path().filename().native()}, {});
    CHECK(search.all().size() == 1);
    CHECK(search.by_type("minimal").plugin.file.path() == directory.path() / "x.so");
    CHECK(search.by_class_path(ClassPath::parse(path + "/x.so")).store_type == "minimal");
  }

  TEST_CASE(
      "a place that is not to be trusted is left out, and the trail says why (KP-19, AT-19)") {
    const PluginDirectory good, wide, above;
    good.write("x.so", bytes_of_plugin("good/minimal"));
    wide.write("x.so", bytes_of_plugin("good/minimal"));
    REQUIRE(::chmod(wide.path().c_str(), 0777) == 0);
    const std::filesystem::path link = above.path() / "link";
    REQUIRE(::symlink(good.path().c_str(), link.c_str()) == 0);
    const std::filesystem::path none = above.path() / "none";
    const std::string g = good.path().native(), w = wide.path().native();

    const PluginSearch search({"plugins", none, link, wide.path(), good.path()}, {});
    CHECK(search.by_type("minimal").plugin.file.path() == good.path() / "x.so");
    CHECK(search.by_class_path(ClassPath::parse("x.so")).plugin.file.path() ==
          good.path() / "x.so");
    try {
      search.by_type("acme");
      FAIL("found");
    } catch (const PluginNotFound& error) {
      CHECK(
          error.trail ==
          Strings{"plugins: refused by KP-19: the directory is not an absolute path; expected one "
                  "that starts at the root",
                  none.native() + ": no such directory",
                  link.native() + ": refused by KP-19: '" + link.native() +
                      "' is a symbolic link or no directory; expected directories only",
                  w + ": refused by KP-19: the directory '" + w +
                      "' is writable by others than its owner; expected mode go-w",
                  g + "/x.so: " + kMinimal} +
              kNeverSearched);
    }
    CHECK(complaint([&] { search.by_class_path(ClassPath::parse(w + "/x.so")); }) ==
          "failed_precondition: plugin '" + w + "' refused by KP-19: the directory '" + w +
              "' is writable by others than its owner; expected mode go-w");
  }

  TEST_CASE(
      "all() tells of each candidate what the rules say, in the order of the search (AT-19)") {
    const Directories in;
    in.a.write("good.so", bytes_of_plugin("good/minimal"));
    in.a.write("wide.so", bytes_of_plugin("good/minimal"), 0666);
    in.a.write("-.so", bytes_of_plugin("good/minimal"));
    in.a.write(".so", "a hidden file without an extension");
    in.a.write("good.so.bak", bytes_of_plugin("good/minimal"));
    REQUIRE(::symlink("good.so", (in.a.path() / "link.so").c_str()) == 0);
    REQUIRE(::mkdir((in.a.path() / "directory.so").c_str(), 0700) == 0);
    REQUIRE(::mkfifo((in.a.path() / "pipe.so").c_str(), 0600) == 0);
    in.b.write("other.so", bytes_of_plugin("good/two_types"));
    Strings lines;
    for (const PluginCandidate& candidate : in.search().all()) {
      CHECK(candidate.checked.has_value() != candidate.refusal.has_value());
      lines.push_back(in.shown(candidate.path.native()) + " " +
                      (candidate.refusal ? to_string(*candidate.refusal) : "good"));
    }
    const std::string irregular = "KP-19: it is no regular file; expected a regular file";
    CHECK(lines ==
          Strings{
              "A/-.so KP-19: the name is '-.so'; expected a plain file name without '/', '..' and "
              "control characters, not starting with '.' or '-'",
              "A/directory.so " + irregular, "A/good.so good",
              "A/link.so KP-19: it is a symbolic link or a socket; expected a regular file",
              "A/pipe.so " + irregular,
              "A/wide.so KP-19: the file is writable by others than its owner; expected mode go-w",
              "B/other.so good"});
  }

  TEST_CASE("a pin that the configuration demands holds in the search (KP-25)") {
    const PluginDirectory directory;
    directory.write("x.so", bytes_of_plugin("good/minimal"));
    PluginPolicy policy;
    policy.pins["org.example.minimal"] = std::string(64, '0');
    const std::vector<PluginCandidate> found = PluginSearch({directory.path()}, policy).all();
    REQUIRE(found.size() == 1);
    REQUIRE(found[0].refusal);
    CHECK(found[0].refusal->rule == "KP-25");
    CHECK(complaint([&] { PluginSearch({directory.path()}, policy).by_type("minimal"); }) ==
          "failed_precondition: no plugin provides store type 'minimal'");
  }

  TEST_CASE("a directory with more than 256 plugins is not searched") {
    const PluginDirectory directory;
    for (int i = 0; i < 256; ++i) directory.write(std::to_string(1000 + i) + ".so", "x");
    const PluginSearch search({directory.path()}, {});
    CHECK(search.all().size() == 256);
    directory.write("last.so", "x");
    CHECK(complaint([&] { search.all(); }) == "resource_exhausted: plugin directory '" +
                                                  directory.path().native() +
                                                  "' holds 257 files; at most 256 are looked at");
  }

  TEST_CASE(
      "a file that cannot be opened is a refused candidate, not the end of the search (KP-19)" *
      doctest::skip(kist::test::kUnderAsan)) {
    const PluginDirectory directory;
    directory.write("x.so", bytes_of_plugin("good/minimal"));
    const std::string path = (directory.path() / "x.so").native();
    // All but three descriptors are gone: for the directory, its parent, and its listing.
    ::rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    const int next = ::dup(0);
    ::close(next);
    ::rlimit few = before;
    few.rlim_cur = static_cast<::rlim_t>(next) + 2;
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
    const std::vector<PluginCandidate> found = PluginSearch({directory.path()}, {}).all();
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
    REQUIRE(found.size() == 1);
    REQUIRE(found[0].refusal);
    CHECK(to_string(*found[0].refusal).starts_with("KP-19: plugin '" + path + "': cannot "));
    CHECK(to_string(*found[0].refusal)
              .ends_with(": Too many open files; expected a file that can be read"));
  }
}
