// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <kist/error.hpp>

namespace kist::core {

/// The bytes are not a complete 64-bit little-endian ELF file. Code: failed_precondition.
class MalformedElf : public Error {
 public:
  MalformedElf(const std::string& what_was_found, const std::string& what_was_expected);

  std::string found, expected;
};

struct ElfSegment {
  std::uint32_t type = 0, flags = 0;  ///< PT_*, PF_*.
  std::uint64_t offset = 0, address = 0, file_size = 0, memory_size = 0, alignment = 0;
};

struct ElfDynamicEntry {
  std::int64_t tag = 0;  ///< DT_*.
  std::uint64_t value = 0;
};

/// A defined dynamic symbol that is not local: what dlsym() can find.
struct ElfExport {
  std::string_view name;
  std::uint8_t binding = 0, type = 0;  ///< STB_*, STT_*.
  std::uint64_t address = 0;
};

struct ElfNote {
  std::string_view name;  ///< Without its final NUL.
  std::uint32_t type = 0;
  std::span<const std::byte> description;
};

/// What an ELF file says to the dynamic linker, read as the dynamic linker reads it: through the
/// program headers and virtual addresses, never through section headers, which may be absent.
///
/// Nothing in the bytes is trusted. Nothing outside of them is read, every loop has a limit that
/// the file cannot raise, and no allocation has a size that the file merely states. Borrows the
/// bytes: they must outlive the object and must not change.
class ElfFile {
 public:
  static constexpr std::size_t kMaxSegments = 128;
  static constexpr std::size_t kMaxDynamicEntries = 4096;
  static constexpr std::size_t kMaxSymbols = 262144;
  static constexpr std::size_t kMaxNotes = 1024;
  static constexpr std::size_t kMaxNameBytes = 16384;
  static constexpr std::uint64_t kMaxImageBytes = std::uint64_t{1} << 32;

  /// Errors: MalformedElf. Afterwards every segment lies inside the file, and what the dynamic
  /// linker looks up (strings, symbols, hash tables, relocations, constructors) inside the
  /// segments.
  explicit ElfFile(std::span<const std::byte> bytes);

  std::uint16_t type() const { return type_; }        ///< ET_*.
  std::uint16_t machine() const { return machine_; }  ///< EM_*.
  const std::vector<ElfSegment>& segments() const { return segments_; }
  const ElfSegment* segment(std::uint32_t type) const;  ///< The first one; null: there is none.
  bool in_executable_segment(std::uint64_t address) const;

  const std::vector<ElfDynamicEntry>& dynamic() const { return dynamic_; }
  std::optional<std::uint64_t> dynamic_value(std::int64_t tag) const;
  /// The strings behind all entries of one tag: DT_NEEDED, DT_RUNPATH.
  std::vector<std::string_view> dynamic_strings(std::int64_t tag) const;

  const std::vector<ElfExport>& exports() const { return exports_; }
  const std::vector<std::string_view>& undefined() const { return undefined_; }
  const std::vector<ElfNote>& notes() const { return notes_; }

 private:
  void read_header();
  void read_segment_headers(std::uint64_t offset, std::size_t count);
  void check_segment(const ElfSegment& segment) const;
  void check_load_order() const;
  void read_dynamic();
  void check_single_entries() const;
  void check_dynamic_tables() const;
  void read_strings();
  std::uint64_t symbol_count() const;
  std::uint64_t symbol_count_of_hash(std::uint64_t address) const;
  std::uint64_t symbol_count_of_gnu_hash(std::uint64_t address) const;
  void read_symbols();
  void read_notes();
  void read_notes_of(const ElfSegment& segment);

  std::span<const std::byte> at_address(std::uint64_t address, std::string_view what) const;
  std::string_view string_at(std::uint64_t offset) const;

  std::span<const std::byte> bytes_;
  std::uint16_t type_ = 0, machine_ = 0;
  std::vector<ElfSegment> segments_;
  std::vector<ElfDynamicEntry> dynamic_;
  std::string_view strings_;
  std::vector<ElfExport> exports_;
  std::vector<std::string_view> undefined_;
  std::vector<ElfNote> notes_;
};

}  // namespace kist::core
