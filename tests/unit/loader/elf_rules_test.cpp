// SPDX-License-Identifier: Apache-2.0
#include "loader/elf_rules.hpp"

#include <functional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "elf_image.hpp"

namespace {

using namespace kist::core;
using kist::test::ElfImage;

// One line for each.
std::string texts(const std::vector<Finding>& findings) {
  std::string lines;
  for (const Finding& finding : findings) lines += to_string(finding) + "\n";
  return lines;
}

struct Case {
  std::string name;
  std::function<void(ElfImage&)> spoil;
  std::string refusal;
};

void check(std::initializer_list<Case> cases) {
  for (const Case& c : cases) {
    CAPTURE(c.name);
    ElfImage image;
    c.spoil(image);
    CHECK(texts(check_elf(image.bytes(), {}).refusals) == c.refusal + "\n");
  }
}

// A member of the tiny plugin's manifest that is there to be replaced.
constexpr std::string_view kSpareMember = R"("x-spare":"123456789a")";

// Turns an entry that the rules do not look at into `tag`; its text is "libc.so.6" or the number
// given.
void add_entry(ElfImage& image, std::int64_t tag) {
  image.dynamic(DT_RELACOUNT) = {tag, {image.dynamic(DT_NEEDED).d_un.d_val}};
}
void add_entry(ElfImage& image, std::int64_t tag, std::uint64_t value) {
  image.dynamic(DT_RELACOUNT) = {tag, {value}};
}

}  // namespace

TEST_SUITE("core/loader/elf_rules") {
  TEST_CASE(
      "a good plugin breaks no rule, and its manifest is known before its code runs (AT-21)") {
    const ElfImage image;
    const CheckReport report = check_elf(image.bytes(), {});
    CHECK(texts(report.refusals).empty());
    CHECK(texts(report.warnings).empty());
    REQUIRE(report.manifest);
    CHECK(report.manifest->id == "org.example.tiny");
    CHECK(report.has_constructors);
  }

  TEST_CASE("KP-1: a plugin exports its entry point, a function, and nothing else") {
    check({
        {"another name", [](ElfImage& i) { i.replace("kist_plugin_v1", "kist_plugin_v2"); },
         "KP-1: the file exports 'kist_plugin_v2'; expected the one symbol 'kist_plugin_v1'"},
        {"undefined", [](ElfImage& i) { i.symbol(1).st_shndx = SHN_UNDEF; },
         "KP-1: the file exports no symbol; expected the one symbol 'kist_plugin_v1'"},
        {"IFUNC (AT-21)",
         [](ElfImage& i) { i.symbol(1).st_info = ELF64_ST_INFO(STB_GLOBAL, STT_GNU_IFUNC); },
         "KP-1: 'kist_plugin_v1' has symbol type 10; expected 2, a function"},
        {"not code", [](ElfImage& i) { i.symbol(1).st_value = i.segment(PT_LOAD, 1).p_vaddr; },
         "KP-1: 'kist_plugin_v1' lies outside the file's code; expected a function in it"},
        {"a name for a terminal",
         [](ElfImage& i) { i.replace("kist_plugin_v1", "\x1b[2J_plugin_v1"); },
         "KP-1: the file exports '\\x1b[2J_plugin_v1'; expected the one symbol 'kist_plugin_v1'"},
    });
    CHECK(texts(check_elf(ElfImage(KIST_TEST_TWO_EXPORTS).bytes(), {}).refusals) ==
          "KP-1: the file also exports 'another_symbol'; expected the one symbol "
          "'kist_plugin_v1' and no other\n");
  }

  TEST_CASE("KP-18: more than 64 bytes of static TLS earn a warning") {
    ElfImage image;
    image.segment(PT_GNU_RELRO).p_type = PT_TLS;
    image.dynamic(DT_FLAGS).d_un.d_val |= DF_STATIC_TLS;
    image.segment(PT_TLS).p_memsz = 64;
    const std::string relro =
        "KP-21: the file has no PT_GNU_RELRO; expected a link with -z relro -z now\n";
    CHECK(texts(check_elf(image.bytes(), {}).warnings) == relro);
    image.segment(PT_TLS).p_memsz = 65;
    CHECK(texts(check_elf(image.bytes(), {}).warnings) ==
          relro +
              "KP-18: the file takes 65 bytes of static TLS; expected at most 64: a process has "
              "few\n");
    image.dynamic(DT_FLAGS).d_un.d_val = 0;
    CHECK(texts(check_elf(image.bytes(), {}).warnings) == relro);
  }

  TEST_CASE("KP-20: the file is a shared object for this machine") {
    const std::string expected_machine =
        std::to_string(kHostMachine.elf_machine) + ", " + std::string(kHostMachine.name);
    check({
        {"program", [](ElfImage& i) { i.header().e_type = ET_EXEC; },
         "KP-20: the ELF type is 2; expected 3, a shared object"},
        {"machine", [](ElfImage& i) { i.header().e_machine = EM_RISCV; },
         "KP-20: the file is for ELF machine 243; expected " + expected_machine},
        {"interpreter", [](ElfImage& i) { i.segment(PT_GNU_RELRO).p_type = PT_INTERP; },
         "KP-20: the file names a program interpreter, so it is a program; expected a shared "
         "object"},
        {"class", [](ElfImage& i) { i.header().e_ident[EI_CLASS] = ELFCLASS32; },
         "KP-20: the ELF class is 1; expected 2, 64-bit"},
        {"short", [](ElfImage& i) { i.truncate(10); },
         "KP-20: the file is not an ELF file; expected a shared object"},
        {"a bad name", [](ElfImage& i) { i.dynamic(DT_NEEDED).d_un.d_val = 1 << 20; },
         "KP-20: a name lies at offset 1048576 of a string table of " +
             std::to_string(ElfImage().dynamic(DT_STRSZ).d_un.d_val) +
             " bytes; expected all names inside the table"},
    });
    ElfImage image;
    image.truncate(image.segment(PT_LOAD, 1).p_offset + 16);
    const auto refusals = check_elf(image.bytes(), {}).refusals;
    REQUIRE(refusals.size() == 1);
    CHECK(refusals[0].rule == "KP-20");
    CHECK(refusals[0].expected == "all segments inside the file");
  }

  TEST_CASE("KP-20: what has no dynamic section is no plugin") {
    ElfImage image;
    image.segment(PT_DYNAMIC).p_type = PT_NULL;
    CHECK(texts(check_elf(image.bytes(), {}).refusals) ==
          "KP-20: the file has no dynamic section; expected a shared object\n"
          "KP-1: the file exports no symbol; expected the one symbol 'kist_plugin_v1'\n");
  }

  TEST_CASE("KP-21: no memory is both writable and executable") {
    check({
        {"segment", [](ElfImage& i) { i.segment(PT_LOAD).p_flags |= PF_W; },
         "KP-21: the segment at offset 0 is both writable and executable; expected no such "
         "segment"},
        {"stack", [](ElfImage& i) { i.segment(PT_GNU_STACK).p_flags |= PF_X; },
         "KP-21: the file asks for an executable stack; expected no PF_X in PT_GNU_STACK"},
        {"no word on the stack", [](ElfImage& i) { i.segment(PT_GNU_STACK).p_type = PT_NULL; },
         "KP-21: the file has no PT_GNU_STACK, which means an executable stack; expected one "
         "without "
         "PF_X"},
        {"text relocations", [](ElfImage& i) { i.dynamic(DT_FLAGS).d_un.d_val |= DF_TEXTREL; },
         "KP-21: the file has text relocations; expected position-independent code"},
        {"text relocations, old form", [](ElfImage& i) { add_entry(i, DT_TEXTREL, 0); },
         "KP-21: the file has text relocations; expected position-independent code"},
    });
  }

  TEST_CASE("KP-22: a plugin needs only libraries of the list, and no search path (AT-21)") {
    const std::string only =
        "'; expected only the C and C++ runtimes and libraries that the configuration allows";
    check({
        {"library", [](ElfImage& i) { i.replace("libc.so.6", "libX.so.6"); },
         "KP-22: the file needs the library 'libX.so.6" + only},
        {"library by path", [](ElfImage& i) { i.replace("libc.so.6", "/tmp/x.so"); },
         "KP-22: the file needs the library '/tmp/x.so" + only},
        {"RPATH", [](ElfImage& i) { add_entry(i, DT_RPATH); },
         "KP-22: the file has DT_RPATH 'libc.so.6'; expected none"},
        {"RUNPATH", [](ElfImage& i) { add_entry(i, DT_RUNPATH); },
         "KP-22: the file has DT_RUNPATH 'libc.so.6'; expected none"},
        {"AUDIT", [](ElfImage& i) { add_entry(i, DT_AUDIT); },
         "KP-22: the file has DT_AUDIT 'libc.so.6'; expected none"},
        {"DEPAUDIT", [](ElfImage& i) { add_entry(i, DT_DEPAUDIT); },
         "KP-22: the file has DT_DEPAUDIT 'libc.so.6'; expected none"},
        {"FILTER", [](ElfImage& i) { add_entry(i, DT_FILTER); },
         "KP-22: the file has DT_FILTER 'libc.so.6'; expected none"},
        {"AUXILIARY", [](ElfImage& i) { add_entry(i, DT_AUXILIARY); },
         "KP-22: the file has DT_AUXILIARY 'libc.so.6'; expected none"},
        {"GLOBAL", [](ElfImage& i) { i.dynamic(DT_FLAGS_1).d_un.d_val |= DF_1_GLOBAL; },
         "KP-22: the file has DF_1_GLOBAL; expected no such flag"},
        {"INTERPOSE", [](ElfImage& i) { i.dynamic(DT_FLAGS_1).d_un.d_val |= DF_1_INTERPOSE; },
         "KP-22: the file has DF_1_INTERPOSE; expected no such flag"},
    });
    ElfImage image;
    image.replace("libc.so.6", "libX.so.6");
    ElfPolicy policy;
    policy.extra_libraries = {"libX.so.6"};
    CHECK(texts(check_elf(image.bytes(), policy).refusals).empty());
    CHECK(is_system_library("libsqlite3.so.0"));
    CHECK_FALSE(is_system_library("libsqlite3.so"));
  }

  TEST_CASE("KP-23: a plugin carries one manifest that can be read") {
    check({
        {"none", [](ElfImage& i) { i.replace("KistPlugin", "KistPlugon"); },
         "KP-23: the file has 0 notes named KistPlugin; expected one, the manifest"},
        {"two", [](ElfImage& i) { i.segment(PT_GNU_RELRO) = i.segment(PT_NOTE); },
         "KP-23: the file has 2 notes named KistPlugin; expected one, the manifest"},
        {"type", [](ElfImage& i) { i.manifest_note().n_type = 7; },
         "KP-23: the manifest's note has type 7; expected 1263534081"},
        {"text", [](ElfImage& i) { i.replace("org.example.tiny", "org.Example.tiny"); },
         "KP-23: manifest: 'id' is 'org.Example.tiny', expected 1 to 128 of a-z 0-9 . -, not "
         "starting with "
         ". or -, and without ..; expected a manifest that can be read"},
        {"cut text",
         [](ElfImage& i) {
           i.manifest_note().n_descsz = 8;
           i.segment(PT_NOTE).p_offset = i.manifest_note_offset();
           i.segment(PT_NOTE).p_filesz = sizeof(Elf64_Nhdr) + 12 + 8;
         },
         "KP-23: manifest: byte 8: incomplete JSON; expected a manifest that can be read"},
    });
  }

  TEST_CASE(
      "KP-24: the ABI's major version and the machine are this host's, the minor may differ") {
    const std::string arch(kHostMachine.name);
    check({
        {"note", [](ElfImage& i) { i.manifest_note().n_type += 1; },
         "KP-24: the plugin is built for ABI major 2; expected 1, which this host has"},
        {"manifest", [](ElfImage& i) { i.replace("\"major\":1", "\"major\":3"); },
         "KP-24: the manifest says ABI major 3; expected 1, which this host has"},
        {"machine", [](ElfImage& i) { i.replace(kSpareMember, R"("build":{"arch":"vax"})"); },
         "KP-24: the manifest says build.arch 'vax'; expected '" + arch + "'"},
    });
    ElfImage newer;
    newer.replace("\"minor\":0", "\"minor\":9");
    CHECK(texts(check_elf(newer.bytes(), {}).refusals).empty());
  }
}
