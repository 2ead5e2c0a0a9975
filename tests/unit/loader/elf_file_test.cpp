// SPDX-License-Identifier: Apache-2.0
#include "loader/elf_file.hpp"

#include <functional>
#include <string>

#include <doctest/doctest.h>

#include "elf_image.hpp"

namespace {

using kist::core::ElfFile;
using kist::core::MalformedElf;
using kist::test::ElfImage;

struct Case {
  std::string name;
  std::function<void(ElfImage&)> spoil;
  std::string found;
};

std::string complaint(const ElfImage& image) {
  try {
    const ElfFile file(image.bytes());
    for (const std::int64_t tag : {DT_NEEDED, DT_RUNPATH}) (void)file.dynamic_strings(tag);
    return "";
  } catch (const MalformedElf& malformed) {
    CHECK(malformed.code == kist::ErrorCode::failed_precondition);
    return malformed.found;
  }
}

void check(std::initializer_list<Case> cases) {
  for (const Case& c : cases) {
    CAPTURE(c.name);
    ElfImage image;
    c.spoil(image);
    CHECK(complaint(image) == c.found);
  }
}

constexpr std::uint64_t kHuge = ~std::uint64_t{0} - 100;

}  // namespace

TEST_SUITE("core/loader/elf_file") {
  TEST_CASE("a plugin's file says what the dynamic linker will do with it") {
    const ElfImage image;
    const ElfFile file(image.bytes());
    CHECK(file.type() == ET_DYN);
    CHECK(file.segment(PT_INTERP) == nullptr);
    REQUIRE(file.segment(PT_LOAD) != nullptr);
    CHECK(file.segment(PT_LOAD)->offset == 0);
    CHECK(file.dynamic_strings(DT_NEEDED) == std::vector<std::string_view>{"libc.so.6"});
    CHECK(file.dynamic_strings(DT_RUNPATH).empty());
    REQUIRE(file.exports().size() == 1);
    CHECK(file.exports()[0].name == "kist_plugin_v1");
    CHECK(file.exports()[0].type == STT_FUNC);
    CHECK(file.exports()[0].binding == STB_GLOBAL);
    CHECK(file.in_executable_segment(file.exports()[0].address));
    REQUIRE(file.notes().size() == 2);
    CHECK(file.notes()[0].name == "GNU");
    CHECK(file.notes()[1].name == "KistPlugin");
  }

  TEST_CASE("symbols are counted by either hash table, and section headers are not needed") {
    for (const std::int64_t removed : {std::int64_t{DT_HASH}, std::int64_t{DT_GNU_HASH}}) {
      ElfImage image;
      image.dynamic(removed).d_tag = DT_DEBUG;
      image.header().e_shoff = kHuge;
      image.header().e_shnum = 0xffff;
      CHECK(ElfFile(image.bytes()).exports().size() == 1);
    }
  }

  TEST_CASE("a file cut at any byte is refused, and none makes the reader look beyond its end") {
    const ElfImage whole;
    ElfImage image;
    const auto& data = image.segment(PT_LOAD, 1);
    const std::size_t last_needed = data.p_offset + data.p_filesz;
    for (std::size_t size = 0; size < last_needed; ++size) {
      // A copy of exactly this size, so that a sanitizer sees one byte too many.
      const std::string cut = whole.text().substr(0, size);
      CHECK_THROWS_AS(ElfFile{std::as_bytes(std::span(cut))}, MalformedElf);
    }
    image.truncate(last_needed);
    CHECK(complaint(image) == "");
  }

  TEST_CASE("any one byte that changes is read within the file") {
    const ElfImage whole;
    for (std::size_t i = 0; i < whole.text().size(); ++i) {
      for (const char value : {'\x00', '\x7f', '\xff'}) {
        std::string bytes = whole.text();
        bytes[i] = value;
        try {
          const ElfFile file{std::as_bytes(std::span(bytes))};
          CHECK(file.segments().size() <= ElfFile::kMaxSegments);
        } catch (const MalformedElf& malformed) {
          CHECK_FALSE(malformed.found.empty());
        }
      }
    }
  }

  TEST_CASE("the ELF header is of a 64-bit little-endian file with its program headers inside") {
    const std::string size = std::to_string(ElfImage().text().size());
    check({
        {"magic", [](ElfImage& i) { i.header().e_ident[0] = 'E'; }, "the file is not an ELF file"},
        {"class", [](ElfImage& i) { i.header().e_ident[EI_CLASS] = ELFCLASS32; },
         "the ELF class is 1"},
        {"order", [](ElfImage& i) { i.header().e_ident[EI_DATA] = ELFDATA2MSB; },
         "the ELF byte order is 2"},
        {"version", [](ElfImage& i) { i.header().e_version = 2; }, "the ELF version is 2"},
        {"entry size", [](ElfImage& i) { i.header().e_phentsize = 55; },
         "a program header has 55 bytes"},
        {"none", [](ElfImage& i) { i.header().e_phnum = 0; }, "the file has 0 program headers"},
        {"many", [](ElfImage& i) { i.header().e_phnum = 129; }, "the file has 129 program headers"},
        {"extended number", [](ElfImage& i) { i.header().e_phnum = PN_XNUM; },
         "the file has 65535 program headers"},
        {"outside", [](ElfImage& i) { i.header().e_phoff = i.text().size() - 56; },
         "the 6 program headers at offset " + std::to_string(ElfImage().text().size() - 56) +
             " reach beyond the file's " + size + " bytes"},
        {"wrap", [](ElfImage& i) { i.header().e_phoff = kHuge; },
         "the 6 program headers at offset " + std::to_string(kHuge) + " reach beyond the file's " +
             size + " bytes"},
    });
  }

  TEST_CASE("every segment lies inside the file and on pages of its own") {
    const std::string size = std::to_string(ElfImage().text().size());
    check({
        {"past the end", [](ElfImage& i) { i.segment(PT_LOAD).p_filesz = 9216; },
         "the segment at offset 0 ends at byte 9216, beyond the file's " + size + " bytes"},
        {"wrap", [](ElfImage& i) { i.segment(PT_LOAD).p_offset = kHuge; },
         "the segment at offset " + std::to_string(kHuge) +
             " ends beyond any file, beyond the file's " + size + " bytes"},
        {"a note past the end", [](ElfImage& i) { i.segment(PT_NOTE).p_filesz = 1 << 20; },
         "the segment at offset 400 ends at byte 1048976, beyond the file's " + size + " bytes"},
        {"less memory than file", [](ElfImage& i) { i.segment(PT_LOAD).p_memsz = 1; },
         "the segment at offset 0 has " + std::to_string(ElfImage().segment(PT_LOAD).p_filesz) +
             " bytes in the file and 1 in memory"},
        {"too much memory",
         [](ElfImage& i) { i.segment(PT_LOAD).p_memsz = ElfFile::kMaxImageBytes + 1; },
         "the segment at offset 0 ends above address 4294967296"},
        {"alignment", [](ElfImage& i) { i.segment(PT_LOAD).p_align = 3; },
         "the segment at offset 0 has address 0 and alignment 3"},
        {"less than a page", [](ElfImage& i) { i.segment(PT_LOAD).p_align = 2048; },
         "the segment at offset 0 has address 0 and alignment 2048"},
        {"not congruent", [](ElfImage& i) { i.segment(PT_LOAD).p_vaddr = 8; },
         "the segment at offset 0 has address 8 and alignment 4096"},
        {"over another", [](ElfImage& i) { i.segment(PT_LOAD).p_memsz = 0x1001; },
         "the segment at offset " + std::to_string(ElfImage().segment(PT_LOAD, 1).p_offset) +
             " is mapped over the one before it"},
        {"nothing to load",
         [](ElfImage& i) { i.segment(PT_LOAD).p_type = i.segment(PT_LOAD, 1).p_type = PT_NULL; },
         "the file has no segment to load"},
    });
  }

  TEST_CASE("what the dynamic section points at lies inside the segments") {
    check({
        {"dynamic section elsewhere", [](ElfImage& i) { i.segment(PT_DYNAMIC).p_vaddr = 1 << 20; },
         "the dynamic section lies at address 1048576, in no segment's file part"},
        {"no end", [](ElfImage& i) { i.segment(PT_DYNAMIC).p_memsz = 32; },
         "the dynamic section, which has no DT_NULL, reaches past the end of its segment or file"},
        {"two of them", [](ElfImage& i) { i.segment(PT_GNU_RELRO).p_type = PT_DYNAMIC; },
         "the file has more than one PT_DYNAMIC"},
        {"twice", [](ElfImage& i) { i.dynamic(DT_NEEDED).d_tag = DT_STRTAB; },
         "the dynamic section has entry 5 twice"},
        {"strings", [](ElfImage& i) { i.dynamic(DT_STRSZ).d_un.d_val = kHuge; },
         "the string table reaches past the end of its segment"},
        {"name", [](ElfImage& i) { i.dynamic(DT_NEEDED).d_un.d_val = kHuge; },
         "a name lies at offset " + std::to_string(kHuge) + " of a string table of " +
             std::to_string(ElfImage().dynamic(DT_STRSZ).d_un.d_val) + " bytes"},
        {"unfinished name", [](ElfImage& i) { i.dynamic(DT_STRSZ).d_un.d_val -= 1; },
         "the name at offset 16 of the string table has no end"},
        {"symbols elsewhere", [](ElfImage& i) { i.dynamic(DT_SYMTAB).d_un.d_val = 1 << 20; },
         "the symbol table lies at address 1048576, in no segment's file part"},
        {"symbol size", [](ElfImage& i) { i.dynamic(DT_SYMENT).d_un.d_val = 16; },
         "a symbol has 16 bytes"},
        {"relocations", [](ElfImage& i) { i.dynamic(DT_RELASZ).d_un.d_val = 1 << 20; },
         "the relocation table reaches past the end of its segment"},
        {"constructors", [](ElfImage& i) { i.dynamic(DT_INIT_ARRAYSZ).d_un.d_val = 1 << 20; },
         "the list of constructors reaches past the end of its segment"},
    });
  }

  TEST_CASE("a hash table cannot state more symbols than the file holds") {
    ElfImage whole;
    const std::string buckets = std::to_string(whole.at<std::uint32_t>(whole.table(DT_GNU_HASH)));
    check({
        {"none",
         [](ElfImage& i) { i.dynamic(DT_HASH).d_tag = i.dynamic(DT_GNU_HASH).d_tag = DT_DEBUG; },
         "the file has neither DT_HASH nor DT_GNU_HASH"},
        {"no bucket", [](ElfImage& i) { i.at<std::uint32_t>(i.table(DT_HASH)) = 0; },
         "the hash table has no bucket"},
        {"symbols", [](ElfImage& i) { i.at<std::uint32_t>(i.table(DT_HASH) + 4) = 0xffffffff; },
         "the hash table reaches past the end of its segment"},
        {"no GNU bucket", [](ElfImage& i) { i.at<std::uint32_t>(i.table(DT_GNU_HASH)) = 0; },
         "the GNU hash table has 0 buckets and 1 words of filter"},
        {"filter", [](ElfImage& i) { i.at<std::uint32_t>(i.table(DT_GNU_HASH) + 8) = 3; },
         "the GNU hash table has " + buckets + " buckets and 3 words of filter"},
        {"buckets", [](ElfImage& i) { i.at<std::uint32_t>(i.table(DT_GNU_HASH)) = 0xffffffff; },
         "the GNU hash table reaches past the end of its segment"},
        {"bucket below the first",
         [](ElfImage& i) { i.at<std::uint32_t>(i.table(DT_GNU_HASH) + 4) = 9; },
         "the GNU hash table names symbol 1"},
        {"chain", [](ElfImage& i) { i.at<std::uint32_t>(i.table(DT_GNU_HASH) + 24) = 0x7fffffff; },
         "the GNU hash table reaches past the end of its segment or file"},
        {"first symbol",
         [](ElfImage& i) {
           i.at<std::uint32_t>(i.table(DT_GNU_HASH) + 4) = 4096;
           i.at<std::uint32_t>(i.table(DT_GNU_HASH) + 24) = 0;
         },
         "the symbol table has 4096 entries"},
    });
  }

  TEST_CASE("a note's sizes are not believed") {
    const auto note_says = [](const std::string& name, const std::string& description) {
      return "the note at offset " + std::to_string(ElfImage().manifest_note_offset()) +
             " says that it has " + name + " bytes of name and " + description + " of description";
    };
    const std::string size = std::to_string(ElfImage().manifest_note().n_descsz);
    check({
        {"description", [](ElfImage& i) { i.manifest_note().n_descsz = 0xffffffff; },
         note_says("11", "4294967295")},
        {"one too many", [](ElfImage& i) { i.manifest_note().n_descsz += 1; },
         note_says("11", std::to_string(ElfImage().manifest_note().n_descsz + 1))},
        {"name", [](ElfImage& i) { i.manifest_note().n_namesz = 0xfffffffc; },
         note_says("4294967292", size)},
    });
    ElfImage aligned_to_eight;
    aligned_to_eight.segment(PT_NOTE).p_offset = aligned_to_eight.manifest_note_offset();
    aligned_to_eight.segment(PT_NOTE).p_filesz = 24 + aligned_to_eight.manifest_note().n_descsz;
    aligned_to_eight.segment(PT_NOTE).p_align = 8;
    CHECK(ElfFile(aligned_to_eight.bytes()).notes().size() == 1);
  }
}
