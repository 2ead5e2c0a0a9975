// SPDX-License-Identifier: Apache-2.0
#include "loader/elf_file.hpp"

#include <elf.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace kist::core {
namespace {

static_assert(std::endian::native == std::endian::little,
              "the structs are read as they lie in the file");

using Bytes = std::span<const std::byte>;

// The smallest page of the machines that we serve. A host with larger pages finds the rest in
// dlopen().
constexpr std::uint64_t kPageBytes = 4096;

[[noreturn]] void malformed(const std::string& found, const std::string& expected) {
  throw MalformedElf(found, expected);
}

std::string text(std::uint64_t number) { return std::to_string(number); }

// True if [offset, offset + size) lies within `limit` bytes, without an addition that could wrap.
constexpr bool within(std::uint64_t offset, std::uint64_t size, std::uint64_t limit) {
  return offset <= limit && size <= limit - offset;
}

template <class T>
T read(Bytes bytes, std::uint64_t offset, std::string_view what) {
  if (!within(offset, sizeof(T), bytes.size()))
    malformed(std::string(what) + " reaches past the end of its segment or file",
              "a complete file");
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

constexpr std::uint64_t page_down(std::uint64_t address) { return address & ~(kPageBytes - 1); }
constexpr std::uint64_t page_up(std::uint64_t address) {
  return page_down(address + kPageBytes - 1);
}
constexpr std::uint64_t align_up(std::uint64_t n, std::uint64_t to) {
  return (n + to - 1) & ~(to - 1);
}

}  // namespace

MalformedElf::MalformedElf(const std::string& what_was_found, const std::string& what_was_expected)
    : Error(ErrorCode::failed_precondition, what_was_found + ", expected " + what_was_expected),
      found(what_was_found),
      expected(what_was_expected) {}

ElfFile::ElfFile(Bytes bytes) : bytes_(bytes) {
  read_header();
  read_dynamic();
  check_single_entries();
  read_strings();
  check_dynamic_tables();
  read_symbols();
  read_notes();
}

const ElfSegment* ElfFile::segment(std::uint32_t wanted) const {
  const auto found = std::ranges::find(segments_, wanted, &ElfSegment::type);
  return found == segments_.end() ? nullptr : &*found;
}

bool ElfFile::in_executable_segment(std::uint64_t address) const {
  return std::ranges::any_of(segments_, [address](const ElfSegment& segment) {
    return segment.type == PT_LOAD && (segment.flags & PF_X) != 0 && address >= segment.address &&
           address - segment.address < segment.file_size;
  });
}

void ElfFile::read_header() {
  if (bytes_.size() < sizeof(Elf64_Ehdr) || std::memcmp(bytes_.data(), ELFMAG, SELFMAG) != 0)
    malformed("the file is not an ELF file", "a shared object");
  const auto header = read<Elf64_Ehdr>(bytes_, 0, "the ELF header");
  if (header.e_ident[EI_CLASS] != ELFCLASS64)
    malformed("the ELF class is " + text(header.e_ident[EI_CLASS]), "2, 64-bit");
  if (header.e_ident[EI_DATA] != ELFDATA2LSB)
    malformed("the ELF byte order is " + text(header.e_ident[EI_DATA]), "1, little-endian");
  if (header.e_ident[EI_VERSION] != EV_CURRENT || header.e_version != EV_CURRENT)
    malformed("the ELF version is " + text(header.e_version), "1");
  if (header.e_phentsize != sizeof(Elf64_Phdr))
    malformed("a program header has " + text(header.e_phentsize) + " bytes",
              text(sizeof(Elf64_Phdr)));
  if (header.e_phnum == 0 || header.e_phnum > kMaxSegments)
    malformed("the file has " + text(header.e_phnum) + " program headers",
              "1 to " + text(kMaxSegments));
  if (!within(header.e_phoff, header.e_phnum * sizeof(Elf64_Phdr), bytes_.size()))
    malformed("the " + text(header.e_phnum) + " program headers at offset " + text(header.e_phoff) +
                  " reach beyond the file's " + text(bytes_.size()) + " bytes",
              "all program headers inside the file");
  type_ = header.e_type;
  machine_ = header.e_machine;
  read_segment_headers(header.e_phoff, header.e_phnum);
}

void ElfFile::read_segment_headers(std::uint64_t offset, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto header =
        read<Elf64_Phdr>(bytes_, offset + i * sizeof(Elf64_Phdr), "a program header");
    segments_.push_back({header.p_type, header.p_flags, header.p_offset, header.p_vaddr,
                         header.p_filesz, header.p_memsz, header.p_align});
    check_segment(segments_.back());
  }
  check_load_order();
}

void ElfFile::check_segment(const ElfSegment& segment) const {
  const std::string name = "the segment at offset " + text(segment.offset);
  if (!within(segment.offset, segment.file_size, bytes_.size())) {
    const std::uint64_t end = segment.offset + segment.file_size;
    malformed(name +
                  (end < segment.offset ? " ends beyond any file" : " ends at byte " + text(end)) +
                  ", beyond the file's " + text(bytes_.size()) + " bytes",
              "all segments inside the file");
  }
  if (segment.type != PT_LOAD) return;
  if (segment.file_size > segment.memory_size)
    malformed(name + " has " + text(segment.file_size) + " bytes in the file and " +
                  text(segment.memory_size) + " in memory",
              "at least as many in memory");
  if (!within(segment.address, segment.memory_size, kMaxImageBytes))
    malformed(name + " ends above address " + text(kMaxImageBytes), "an image of at most 4 GiB");
  const std::uint64_t alignment = segment.alignment;
  if (!std::has_single_bit(alignment) || alignment < kPageBytes ||
      ((segment.address - segment.offset) & (alignment - 1)) != 0)
    malformed(name + " has address " + text(segment.address) + " and alignment " + text(alignment),
              "an alignment of whole pages that offset and address agree in");
}

// Two segments on one page would replace each other, and what is read here would not be what runs.
void ElfFile::check_load_order() const {
  const ElfSegment* previous = nullptr;
  for (const ElfSegment& segment : segments_) {
    if (segment.type != PT_LOAD) continue;
    if (previous && page_down(segment.address) < page_up(previous->address + previous->memory_size))
      malformed(
          "the segment at offset " + text(segment.offset) + " is mapped over the one before it",
          "segments in ascending order that share no page");
    previous = &segment;
  }
  if (!previous) malformed("the file has no segment to load", "at least one");
}

Bytes ElfFile::at_address(std::uint64_t address, std::string_view what) const {
  for (const ElfSegment& segment : segments_) {
    if (segment.type != PT_LOAD || address < segment.address) continue;
    const std::uint64_t skipped = address - segment.address;
    if (skipped < segment.file_size)
      return bytes_.subspan(segment.offset + skipped, segment.file_size - skipped);
  }
  malformed(std::string(what) + " lies at address " + text(address) + ", in no segment's file part",
            "all of it inside the file");
}

void ElfFile::read_dynamic() {
  const ElfSegment* dynamic = segment(PT_DYNAMIC);
  if (!dynamic) return;
  if (std::ranges::count(segments_, std::uint32_t{PT_DYNAMIC}, &ElfSegment::type) != 1)
    malformed("the file has more than one PT_DYNAMIC", "one");

  // By address and up to DT_NULL: where and how the dynamic linker reads it.
  Bytes table = at_address(dynamic->address, "the dynamic section");
  table = table.first(std::min<std::uint64_t>(table.size(), dynamic->memory_size));
  for (std::size_t i = 0; i < kMaxDynamicEntries; ++i) {
    const auto entry =
        read<Elf64_Dyn>(table, i * sizeof(Elf64_Dyn), "the dynamic section, which has no DT_NULL,");
    if (entry.d_tag == DT_NULL) return;
    dynamic_.push_back({entry.d_tag, entry.d_un.d_val});
  }
  malformed("the dynamic section has more than " + text(kMaxDynamicEntries) + " entries", "fewer");
}

std::optional<std::uint64_t> ElfFile::dynamic_value(std::int64_t tag) const {
  const auto found = std::ranges::find(dynamic_, tag, &ElfDynamicEntry::tag);
  return found == dynamic_.end() ? std::nullopt : std::optional(found->value);
}

// What the dynamic linker walks before any code of the file runs; a damaged table makes it crash.
void ElfFile::check_dynamic_tables() const {
  struct Table {
    std::int64_t address_tag, size_tag;
    const char* name;
  };
  constexpr Table tables[] = {{DT_RELA, DT_RELASZ, "the relocation table"},
                              {DT_JMPREL, DT_PLTRELSZ, "the PLT relocation table"},
                              {DT_INIT_ARRAY, DT_INIT_ARRAYSZ, "the list of constructors"},
                              {DT_FINI_ARRAY, DT_FINI_ARRAYSZ, "the list of destructors"}};
  for (const Table& table : tables) {
    const auto address = dynamic_value(table.address_tag);
    const std::uint64_t size = dynamic_value(table.size_tag).value_or(0);
    if (address && size != 0 && at_address(*address, table.name).size() < size)
      malformed(std::string(table.name) + " reaches past the end of its segment",
                "a complete file");
  }
}

void ElfFile::check_single_entries() const {
  // The dynamic linker takes the last of two equal entries, others the first: no file needs the
  // doubt.
  for (const std::int64_t tag :
       {DT_STRTAB, DT_STRSZ, DT_SYMTAB, DT_SYMENT, DT_HASH, DT_GNU_HASH, DT_FLAGS, DT_FLAGS_1,
        DT_RELA, DT_RELASZ, DT_JMPREL, DT_PLTRELSZ}) {
    if (std::ranges::count(dynamic_, tag, &ElfDynamicEntry::tag) > 1)
      malformed("the dynamic section has entry " + text(static_cast<std::uint64_t>(tag)) + " twice",
                "it once");
  }
}

void ElfFile::read_strings() {
  const auto address = dynamic_value(DT_STRTAB);
  if (!address) return;
  const Bytes table = at_address(*address, "the string table");
  const std::uint64_t size = dynamic_value(DT_STRSZ).value_or(0);
  if (size > table.size())
    malformed("the string table reaches past the end of its segment", "a complete file");
  strings_ = as_text(table.first(size));
}

std::string_view ElfFile::string_at(std::uint64_t offset) const {
  if (offset >= strings_.size())
    malformed("a name lies at offset " + text(offset) + " of a string table of " +
                  text(strings_.size()) + " bytes",
              "all names inside the table");
  const std::string_view rest = strings_.substr(offset, kMaxNameBytes);
  const std::size_t end = rest.find('\0');
  if (end == std::string_view::npos)
    malformed("the name at offset " + text(offset) + " of the string table has no end",
              "at most " + text(kMaxNameBytes) + " bytes and a NUL");
  return rest.substr(0, end);
}

std::vector<std::string_view> ElfFile::dynamic_strings(std::int64_t tag) const {
  std::vector<std::string_view> strings;
  for (const ElfDynamicEntry& entry : dynamic_) {
    if (entry.tag == tag) strings.push_back(string_at(entry.value));
  }
  return strings;
}

std::uint64_t ElfFile::symbol_count_of_hash(std::uint64_t address) const {
  const Bytes table = at_address(address, "the hash table");
  const std::uint64_t buckets = read<std::uint32_t>(table, 0, "the hash table");
  const std::uint64_t symbols = read<std::uint32_t>(table, 4, "the hash table");
  if (buckets == 0) malformed("the hash table has no bucket", "at least one");
  if (!within(8, (buckets + symbols) * 4, table.size()))
    malformed("the hash table reaches past the end of its segment", "a complete file");
  return symbols;
}

// DT_GNU_HASH does not state how many symbols there are: the chain that starts last ends at the
// last one.
std::uint64_t ElfFile::symbol_count_of_gnu_hash(std::uint64_t address) const {
  const Bytes table = at_address(address, "the GNU hash table");
  const std::uint64_t buckets = read<std::uint32_t>(table, 0, "the GNU hash table");
  const std::uint64_t first = read<std::uint32_t>(table, 4, "the GNU hash table");
  const std::uint64_t bloom_words = read<std::uint32_t>(table, 8, "the GNU hash table");
  if (buckets == 0 || !std::has_single_bit(bloom_words))
    malformed("the GNU hash table has " + text(buckets) + " buckets and " + text(bloom_words) +
                  " words of filter",
              "at least one bucket, and a power of two");
  const std::uint64_t bucket_offset = 16 + bloom_words * 8;
  const std::uint64_t chain_offset = bucket_offset + buckets * 4;
  if (chain_offset > table.size())
    malformed("the GNU hash table reaches past the end of its segment", "a complete file");

  std::uint64_t last = 0;
  for (std::uint64_t i = 0; i < buckets; ++i) {
    const auto start = read<std::uint32_t>(table, bucket_offset + i * 4, "the GNU hash table");
    if (start != 0 && start < first)
      malformed("the GNU hash table names symbol " + text(start), "none below " + text(first));
    last = std::max<std::uint64_t>(last, start);
  }
  if (last == 0) return first;
  while ((read<std::uint32_t>(table, chain_offset + (last - first) * 4, "the GNU hash table") &
          1) == 0)
    ++last;
  return last + 1;
}

std::uint64_t ElfFile::symbol_count() const {
  const auto hash = dynamic_value(DT_HASH), gnu_hash = dynamic_value(DT_GNU_HASH);
  if (!hash && !gnu_hash)
    malformed("the file has neither DT_HASH nor DT_GNU_HASH", "one, to find symbols by");
  return std::max(hash ? symbol_count_of_hash(*hash) : 0,
                  gnu_hash ? symbol_count_of_gnu_hash(*gnu_hash) : 0);
}

void ElfFile::read_symbols() {
  const auto address = dynamic_value(DT_SYMTAB);
  if (!address) return;
  if (dynamic_value(DT_SYMENT) != sizeof(Elf64_Sym))
    malformed("a symbol has " + text(dynamic_value(DT_SYMENT).value_or(0)) + " bytes",
              text(sizeof(Elf64_Sym)));
  const Bytes table = at_address(*address, "the symbol table");
  const std::uint64_t count = symbol_count();
  if (count > kMaxSymbols || count * sizeof(Elf64_Sym) > table.size())
    malformed("the symbol table has " + text(count) + " entries",
              "at most " + text(kMaxSymbols) + ", all of them inside its segment");
  for (std::uint64_t i = 1; i < count; ++i) {  // Entry 0 is "no symbol".
    const auto symbol = read<Elf64_Sym>(table, i * sizeof(Elf64_Sym), "the symbol table");
    const auto binding = static_cast<std::uint8_t>(ELF64_ST_BIND(symbol.st_info));
    if (binding == STB_LOCAL) continue;
    const std::string_view name = string_at(symbol.st_name);
    if (symbol.st_shndx == SHN_UNDEF) {
      undefined_.push_back(name);
    } else {
      const auto symbol_type = static_cast<std::uint8_t>(ELF64_ST_TYPE(symbol.st_info));
      exports_.push_back({name, binding, symbol_type, symbol.st_value});
    }
  }
}

void ElfFile::read_notes() {
  for (const ElfSegment& segment : segments_) {
    if (segment.type == PT_NOTE) read_notes_of(segment);
  }
}

void ElfFile::read_notes_of(const ElfSegment& segment) {
  const Bytes bytes = bytes_.subspan(segment.offset, segment.file_size);
  const std::uint64_t alignment = segment.alignment == 8 ? 8 : 4;  // Others say 0 or 1 and mean 4.
  std::uint64_t offset = 0;
  while (within(offset, sizeof(Elf64_Nhdr), bytes.size())) {
    const auto header = read<Elf64_Nhdr>(bytes, offset, "a note");
    const std::uint64_t name_at = offset + sizeof(Elf64_Nhdr);
    const std::uint64_t description_at = align_up(name_at + header.n_namesz, alignment);
    if (!within(name_at, header.n_namesz, bytes.size()) ||
        (header.n_descsz != 0 && !within(description_at, header.n_descsz, bytes.size())))
      malformed("the note at offset " + text(segment.offset + offset) + " says that it has " +
                    text(header.n_namesz) + " bytes of name and " + text(header.n_descsz) +
                    " of description",
                "all notes inside their segment of " + text(segment.file_size) + " bytes");
    if (notes_.size() == kMaxNotes)
      malformed("the file has more than " + text(kMaxNotes) + " notes", "fewer");
    std::string_view name = as_text(bytes.subspan(name_at, header.n_namesz));
    if (name.ends_with('\0')) name.remove_suffix(1);
    notes_.push_back(
        {name, header.n_type,
         header.n_descsz == 0 ? Bytes() : bytes.subspan(description_at, header.n_descsz)});
    offset = align_up(description_at + header.n_descsz, alignment);
  }
}

}  // namespace kist::core
