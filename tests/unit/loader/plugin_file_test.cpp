// SPDX-License-Identifier: Apache-2.0
#include "loader/plugin_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cctype>
#include <cstring>
#include <functional>
#include <string>

#include <doctest/doctest.h>

#include "elf_image.hpp"
#include "plugin_directory.hpp"

namespace {

using namespace kist::core;
using kist::test::PluginDirectory;
using kist::test::read_whole_file;

// The message, with the directory written as DIR; empty: the file was opened and accepted.
std::string complaint(const PluginDirectory& directory, std::string_view name,
                      const PluginPolicy& policy = {}) {
  std::string text;
  try {
    check_plugin(open_plugin_file(directory.path(), name), policy);
  } catch (const kist::Error& error) {
    text = error.what();
  }
  const std::string path = directory.path().native();
  for (std::size_t at; (at = text.find(path)) != std::string::npos;)
    text.replace(at, path.size(), "DIR");
  return text;
}

std::string refused(const std::string& name, const std::string& why) {
  return "plugin 'DIR/" + name + "' refused by KP-19: " + why;
}

}  // namespace

TEST_SUITE("core/loader/plugin_file") {
  TEST_CASE("a good plugin is opened, hashed and checked in memory that cannot change") {
    const PluginDirectory directory;
    const std::string bytes = read_whole_file(KIST_TEST_TINY_PLUGIN);
    directory.write("tiny.so", bytes);
    const CheckedPlugin plugin = check_plugin(open_plugin_file(directory.path(), "tiny.so"), {});
    CHECK(plugin.manifest.id == "org.example.tiny");
    CHECK(plugin.file.path() == directory.path() / "tiny.so");
    CHECK(plugin.warnings.empty());
    REQUIRE(plugin.file.bytes().size() == bytes.size());
    CHECK(std::memcmp(plugin.file.bytes().data(), bytes.data(), bytes.size()) == 0);
    CHECK(plugin.file.sha256().size() == 64);

    const int memory = plugin.file.descriptor();
    CHECK(::pwrite(memory, "x", 1, 0) == -1);
    CHECK(::ftruncate(memory, 0) == -1);
    CHECK(::ftruncate(memory, 1 << 20) == -1);
    CHECK(::fcntl(memory, F_ADD_SEALS, F_SEAL_WRITE) == -1);
    CHECK((::fcntl(memory, F_GETFD) & FD_CLOEXEC) != 0);

    directory.write("tiny.so", "something else");
    CHECK(std::memcmp(plugin.file.bytes().data(), bytes.data(), bytes.size()) == 0);
  }

  TEST_CASE("a hash is SHA-256 in lower-case hex") {
    const PluginDirectory directory;
    directory.write("abc.so", "abc");  // The first example of FIPS 180-2, appendix B.1.
    CHECK(open_plugin_file(directory.path(), "abc.so").sha256() ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }

  TEST_CASE("a plugin's name is a plain file name (KP-19, AT-19)") {
    const PluginDirectory directory;
    const std::string expected =
        "expected a plain file name without '/', '..' and control characters, not starting with "
        "'.' or '-'";
    struct Case {
      std::string_view name;
      std::string shown_path, shown_name;
    };
    using namespace std::string_view_literals;
    const Case cases[] = {{"../x.so", "DIR/../x.so", "../x.so"},
                          {"a/x.so", "DIR/a/x.so", "a/x.so"},
                          {"/etc/x.so", "/etc/x.so", "/etc/x.so"},
                          {"..", "DIR/..", ".."},
                          {"a..so", "DIR/a..so", "a..so"},
                          {".hidden.so", "DIR/.hidden.so", ".hidden.so"},
                          {"-x.so", "DIR/-x.so", "-x.so"},
                          {"x.so\0.txt"sv, "DIR/x.so\\x00.txt", "x.so\\x00.txt"},
                          {"x\n.so", "DIR/x\\x0a.so", "x\\x0a.so"},
                          {"", "DIR/", ""}};
    for (const Case& c : cases) {
      CAPTURE(c.shown_name);
      CHECK(complaint(directory, c.name) == "plugin '" + c.shown_path +
                                                "' refused by KP-19: the name is '" + c.shown_name +
                                                "'; " + expected);
    }
  }

  TEST_CASE(
      "a plugin is a regular file with one name that only its owner can write (KP-19, AT-19)") {
    const PluginDirectory directory;
    const std::string good = read_whole_file(KIST_TEST_TINY_PLUGIN);
    const std::string path = (directory.path() / "x.so").native();
    const std::string elsewhere = (directory.path() / "elsewhere.so").native();
    const std::string link = "it is a symbolic link or a socket; expected a regular file";
    const std::string irregular = "it is no regular file; expected a regular file";
    const std::string writable =
        "the file is writable by others than its owner; expected mode go-w";
    struct Case {
      std::string name;
      std::function<void()> make;
      std::string why;
    };
    const Case cases[] = {
        {"symlink", [&] { REQUIRE(::symlink(elsewhere.c_str(), path.c_str()) == 0); }, link},
        {"socket", [&] { directory.bind_socket("x.so"); }, link},
        {"hard link", [&] { REQUIRE(::link(elsewhere.c_str(), path.c_str()) == 0); },
         "the file has 2 hard links; expected one"},
        {"FIFO", [&] { REQUIRE(::mkfifo(path.c_str(), 0600) == 0); }, irregular},
        {"directory", [&] { REQUIRE(::mkdir(path.c_str(), 0700) == 0); }, irregular},
        {"world-writable", [&] { directory.write("x.so", good, 0602); }, writable},
        {"group-writable", [&] { directory.write("x.so", good, 0620); }, writable},
    };
    for (const Case& c : cases) {
      CAPTURE(c.name);
      directory.write("elsewhere.so", good);
      c.make();
      CHECK(complaint(directory, "x.so") == refused("x.so", c.why));
      std::filesystem::remove_all(path);
    }
    CHECK(complaint(directory, "x.so") ==
          "plugin 'DIR/x.so': cannot open it: No such file or directory");
  }

  TEST_CASE("another user's file and a device are refused, where the test may make them (AT-19)") {
    if (::geteuid() != 0) return;
    const PluginDirectory directory;
    directory.write("x.so", read_whole_file(KIST_TEST_TINY_PLUGIN));
    REQUIRE(::chown((directory.path() / "x.so").c_str(), 12345, 0) == 0);
    CHECK(complaint(directory, "x.so") ==
          refused("x.so", "the file belongs to user 12345; expected root or user 0"));
    if (::mknod((directory.path() / "null.so").c_str(), S_IFCHR | 0600, makedev(1, 3)) == 0)
      CHECK(complaint(directory, "null.so").find("KP-19") != std::string::npos);
  }

  TEST_CASE("nobody else can write to a plugin directory or to what is above it (KP-19, AT-19)") {
    const PluginDirectory above;
    const std::filesystem::path inner = above.path() / "plugins";
    std::filesystem::create_directory(inner);
    const auto message = [&](const std::filesystem::path& directory) -> std::string {
      try {
        (void)open_plugin_directory(directory);
        return "";
      } catch (const kist::Error& error) {
        return error.what();
      }
    };
    const auto wide = [&](const std::filesystem::path& which) {
      return "plugin '" + inner.native() + "' refused by KP-19: the directory '" + which.native() +
             "' is writable by others than its owner; expected mode go-w";
    };
    CHECK(message(inner) == "");
    CHECK(message(inner / "") == "");
    CHECK(message(above.path() / "." / "plugins" / ".." / "plugins") == "");

    REQUIRE(::chmod(inner.c_str(), 0777) == 0);
    CHECK(message(inner) == wide(inner));
    REQUIRE(::chmod(inner.c_str(), 01777) == 0);
    CHECK(message(inner) == wide(inner));
    REQUIRE(::chmod(inner.c_str(), 0700) == 0);
    REQUIRE(::chmod(above.path().c_str(), 0770) == 0);
    CHECK(message(inner) == wide(above.path()));
    REQUIRE(::chmod(above.path().c_str(), 01777) == 0);
    CHECK(message(inner) == "");

    REQUIRE(::symlink(inner.c_str(), (above.path() / "link").c_str()) == 0);
    const std::string link = (above.path() / "link").native();
    CHECK(message(link) == "plugin '" + link + "' refused by KP-19: '" + link +
                               "' is a symbolic link or no directory; expected directories only");
    CHECK(message("plugins") ==
          "plugin 'plugins' refused by KP-19: the directory is not an absolute path; expected one "
          "that "
          "starts at the root");
    CHECK(message(inner / "none") == "plugin '" + (inner / "none").native() +
                                         "': cannot open the directory: No such file or directory");
  }

  TEST_CASE("a file is neither empty nor larger than the limit") {
    const PluginDirectory directory;
    directory.write("x.so", "");
    CHECK(complaint(directory, "x.so") ==
          "plugin 'DIR/x.so' refused by KP-20: the file is empty; expected a shared object");
    directory.write("x.so", "12345");
    CHECK(open_plugin_file(directory.path(), "x.so", {.max_bytes = 5}).bytes().size() == 5);
    CHECK_THROWS_WITH_AS(open_plugin_file(directory.path(), "x.so", {.max_bytes = 4}),
                         ("plugin '" + (directory.path() / "x.so").native() +
                          "' refused by KP-19: the file has 5 bytes; expected at most 4")
                             .c_str(),
                         PluginRefused);
    std::filesystem::resize_file(directory.path() / "x.so", (std::uintmax_t{256} << 20) + 1);
    CHECK(complaint(directory, "x.so") ==
          refused("x.so", "the file has 268435457 bytes; expected at most 268435456"));
  }

  TEST_CASE("a refusal names the file, the rule, what was found and what was expected") {
    const PluginDirectory directory;
    directory.write("x.so", read_whole_file(KIST_TEST_TWO_EXPORTS));
    try {
      check_plugin(open_plugin_file(directory.path(), "x.so"), {});
      FAIL("accepted");
    } catch (const PluginRefused& refused) {
      CHECK(refused.code == kist::ErrorCode::failed_precondition);
      CHECK(refused.path == (directory.path() / "x.so").native());
      CHECK(refused.finding.rule == "KP-1");
      CHECK(refused.finding.found == "the file also exports 'another_symbol'");
      CHECK(refused.finding.expected == "the one symbol 'kist_plugin_v1' and no other");
    }
  }

  TEST_CASE("a pinned plugin has the pinned hash, by id or by file name (KP-25)") {
    const PluginDirectory directory;
    directory.write("tiny.so", read_whole_file(KIST_TEST_TINY_PLUGIN));
    const std::string hash = open_plugin_file(directory.path(), "tiny.so").sha256();
    std::string upper = hash;
    for (char& c : upper) c = static_cast<char>(std::toupper(c));
    const std::string wrong(64, '0');
    const auto says = [&](const std::string& key, const std::string& pin) {
      return "plugin 'DIR/tiny.so' refused by KP-25: the file has SHA-256 " + hash + "; expected " +
             pin + ", pinned for '" + key + "'";
    };
    const auto with = [&](std::initializer_list<std::pair<const std::string, std::string>> pins) {
      PluginPolicy policy;
      policy.pins.insert(pins);
      return complaint(directory, "tiny.so", policy);
    };
    CHECK(with({{"tiny.so", hash}, {"org.example.tiny", upper}}) == "");
    CHECK(with({{"org.example.other", wrong}}) == "");
    CHECK(with({{"tiny.so", wrong}}) == says("tiny.so", wrong));
    CHECK(with({{"org.example.tiny", wrong}}) == says("org.example.tiny", wrong));
    CHECK(with({{"tiny.so", hash}, {"org.example.tiny", ""}}) == says("org.example.tiny", ""));
    CHECK(with({{"tiny.so", hash.substr(1)}}) == says("tiny.so", hash.substr(1)));
  }

  TEST_CASE("bytes that can still change are no plugin file") {
    const auto message = [](FileDescriptor memory) -> std::string {
      try {
        const PluginFile file("/x.so", std::move(memory));
        return "";
      } catch (const kist::Error& error) {
        return error.what();
      }
    };
    const std::string expected =
        "plugin '/x.so': its bytes can still change, expected a sealed memory file";
    CHECK(message(FileDescriptor(::memfd_create("x", MFD_ALLOW_SEALING))) == expected);
    CHECK(message(FileDescriptor()) == expected);
  }
}
