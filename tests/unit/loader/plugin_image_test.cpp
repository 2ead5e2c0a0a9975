// SPDX-License-Identifier: Apache-2.0
#include "loader/plugin_image.hpp"

#include <dirent.h>
#include <dlfcn.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include "loaded_plugin.hpp"

namespace {

using namespace kist::core;
using namespace kist::test;

std::size_t open_descriptors() {
  return static_cast<std::size_t>(std::distance(
      std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator()));
}

/// The refusal of bytes that lie in a plugin directory, or "" if the search takes them.
std::string refusal_of(const std::string& bytes) {
  const PluginDirectory directory;
  directory.write("x.so", bytes);
  const std::vector<PluginCandidate> found = PluginSearch({directory.path()}, {}).all();
  REQUIRE(found.size() == 1);
  return found[0].checked ? "" : to_string(*found[0].refusal);
}

}  // namespace

TEST_SUITE("core/loader/plugin_image") {
  TEST_CASE("a loaded plugin tells what it is, and has the store types of its manifest") {
    RecordingHost& host = RecordingHost::make();
    const auto image = load("good/two_types", host.table);
    CHECK(image->manifest().id == "org.example.two-types");
    CHECK(image->path().filename() == "x.so");
    CHECK(image->sha256().size() == 64);
    CHECK(std::string(image->store_type("red").name) == "red");
    CHECK(std::string(image->store_type("blue").name) == "blue");
    CHECK(complaint([&] { image->store_type("green"); }) ==
          "not_found: plugin 'org.example.two-types' has no store type 'green'");
  }

  TEST_CASE(
      "a plugin of a later minor version, whose structs have grown, is taken (KP-7, KP-8, AT-24)") {
    RecordingHost& host = RecordingHost::make();
    const auto store = open("good/future", host.table);
    HostCall call;
    CHECK(store->get_secret(call, uuid_of(1)).name == "a secret");
    Rows rows;
    store->list_secrets(call, {}, rows);
    REQUIRE(rows.rows.size() == 1);
    CHECK(rows.rows[0].id == uuid_of(7));
    CHECK(rows.rows[0].readable);
    CHECK(complaint([&] { store->delete_secret(call, uuid_of(1), std::nullopt); }) ==
          "internal: future: not today");
  }

  TEST_CASE("an older host is served as long as it has what a plugin needs (KP-7, AT-24)") {
    const PluginDirectory directory;
    const auto load_memory = [&](const HostTable& host) {
      directory.write("memory.so", read_whole_file(KIST_TEST_MEMORY_PLUGIN));
      return PluginImage::load(check_plugin(open_plugin_file(directory.path(), "memory.so"), {}),
                               host);
    };
    static HostTable without_log{{}};
    without_log.struct_size = offsetof(kist_host, log);
    static HostTable without_total{{}};
    without_total.struct_size = offsetof(kist_host, list_total);
    static HostTable with_null{{}};
    with_null.value_reserve = nullptr;

    CHECK_NOTHROW(load_memory(without_log));
    const std::string refused =
        "failed_precondition: plugin '" + (directory.path() / "memory.so").native() +
        "' refused by KP-24: the plugin says that it cannot serve this host; expected a plugin "
        "that takes ABI 1.0";
    CHECK(complaint([&] { load_memory(without_total); }) == refused);
    CHECK(complaint([&] { load_memory(with_null); }) == refused);
  }

  TEST_CASE(
      "a file that was cut anywhere is refused before the dynamic linker sees it (KP-20, AT-23)") {
    const std::string good = bytes_of_plugin("good/minimal");
    CHECK(refusal_of(good) == "");
    ElfImage image(std::string(KIST_TEST_PLUGINS "/good/minimal/minimal.so"));
    std::uint64_t end = 0;
    for (int i = 0; i < 4; ++i) {
      const Elf64_Phdr& segment = image.segment(PT_LOAD, i);
      end = std::max(end, segment.p_offset + segment.p_filesz);
    }
    for (std::size_t size = 0; size < end; size += 97) {
      CAPTURE(size);
      const std::string refusal = refusal_of(good.substr(0, size));
      CHECK(refusal.starts_with("KP-20: "));
    }
    CHECK(refusal_of(good.substr(0, end - 1))
              .find(", beyond the file's " + std::to_string(end - 1) +
                    " bytes; expected all segments inside the file") != std::string::npos);
  }

  TEST_CASE("a copy that ends in zeros instead of the plugin is refused (AT-23)") {
    const std::string good = bytes_of_plugin("good/minimal");
    ElfImage image(std::string(KIST_TEST_PLUGINS "/good/minimal/minimal.so"));
    const std::uint64_t start = image.segment(PT_DYNAMIC).p_offset;
    for (std::size_t from = 64; from < start; from += 97) {
      CAPTURE(from);
      std::string bytes = good;
      std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(from), bytes.end(), '\0');
      CHECK(refusal_of(bytes).starts_with("KP-"));
    }
  }

  TEST_CASE("damaged bytes are refused, each by its rule") {
    struct Damage {
      const char* name;
      void (*make)(ElfImage&);
      std::string refusal;
    };
    const Damage damages[] = {
        {"another machine", [](ElfImage& i) { i.header().e_machine = EM_RISCV; },
         "KP-20: the file is for ELF machine 243; expected " +
             std::to_string(kHostMachine.elf_machine) + ", " + std::string(kHostMachine.name)},
        {"a segment out of the file",
         [](ElfImage& i) { i.segment(PT_LOAD, 1).p_offset = UINT64_MAX - 15; },
         "KP-20: the segment at offset 18446744073709551600 ends beyond any file, beyond the "
         "file's " +
             std::to_string(bytes_of_plugin("good/minimal").size()) +
             " bytes; expected all segments inside the file"},
        {"a writable segment of code",
         [](ElfImage& i) { i.segment(PT_LOAD, 1).p_flags = PF_R | PF_W | PF_X; },
         "KP-21: the segment at offset 4096 is both writable and executable; expected no such "
         "segment"},
    };
    for (const Damage& damage : damages) {
      CAPTURE(damage.name);
      ElfImage image(std::string(KIST_TEST_PLUGINS "/good/minimal/minimal.so"));
      damage.make(image);
      CHECK(refusal_of(image.text()) == damage.refusal);
    }
  }

  TEST_CASE("the host's own program is no plugin (KP-20, AT-21)") {
    CHECK(refusal_of(read_whole_file("/proc/self/exe")) ==
          "KP-20: the file names a program interpreter, so it is a program; expected a shared "
          "object");
  }

  TEST_CASE("a plugin that cannot be mapped leaves no descriptor behind (KP-27)") {
    RecordingHost& host = RecordingHost::make();
    (void)complaint([&] { load("broken/lazy_undefined", host.table); });
    const std::size_t before = open_descriptors();
    for (int i = 0; i < 20; ++i) {
      CHECK(complaint([&] { load("broken/lazy_undefined", host.table); }) != "");
    }
    CHECK(open_descriptors() == before);
  }

  TEST_CASE(
      "a plugin that was mapped stays mapped, and the same file is loaded again beside it "
      "(AT-24)") {
    RecordingHost& host = RecordingHost::make();
    const kist_store_type* first = nullptr;
    { first = &load("good/minimal", host.table)->store_type("minimal"); }
    CHECK(std::string(first->name) == "minimal");
    CHECK(&load("good/minimal", host.table)->store_type("minimal") != first);
  }

  TEST_CASE("another process finds the mapped copy by the name that the dynamic linker has of it") {
    RecordingHost& host = RecordingHost::make();
    const auto image = load("good/minimal", host.table);
    ::Dl_info info{};
    REQUIRE(::dladdr(&image->store_type("minimal"), &info) != 0);
    CHECK(std::string(info.dli_fname).starts_with("/proc/" + std::to_string(::getpid()) + "/fd/"));
    CHECK(read_whole_file(info.dli_fname) == bytes_of_plugin("good/minimal"));
  }

  TEST_CASE("one file is loaded a thousand times, and each generation answers (AT-24)") {
    // Each load keeps one descriptor, by design: the dynamic linker takes a second file under the
    // same /proc/<pid>/fd/N for the first. A host reloads a few times in its life.
    constexpr std::size_t count = 1000;
    ::rlimit limit{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
    ::rlimit raised = limit;
    raised.rlim_cur = std::min<::rlim_t>(limit.rlim_max, 8192);
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &raised) == 0);

    RecordingHost& host = RecordingHost::make();
    const PluginDirectory directory;
    directory.write("x.so", bytes_of_plugin("good/minimal"));
    const std::size_t before = open_descriptors();
    std::set<const kist_store_type*> generations;
    for (std::size_t i = 0; i < count; ++i) {
      const auto image = PluginImage::load(
          check_plugin(open_plugin_file(directory.path(), "x.so"), {}), host.table);
      generations.insert(&image->store_type("minimal"));
    }
    CHECK(generations.size() == count);
    CHECK(open_descriptors() == before + count);
  }
}
