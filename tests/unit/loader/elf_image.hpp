// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <elf.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <iterator>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace kist::test {

inline std::string read_whole_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The bytes of a good plugin, to be spoilt in one place.
class ElfImage {
 public:
  explicit ElfImage(const std::string& path = KIST_TEST_TINY_PLUGIN)
      : bytes_(read_whole_file(path)) {}

  std::span<const std::byte> bytes() const { return std::as_bytes(std::span(bytes_)); }
  const std::string& text() const { return bytes_; }
  void truncate(std::size_t size) { bytes_.resize(size); }

  template <class T>
  T& at(std::size_t offset) {
    if (offset + sizeof(T) > bytes_.size()) throw std::runtime_error("a test patches past the end");
    return *reinterpret_cast<T*>(bytes_.data() + offset);
  }
  Elf64_Ehdr& header() { return at<Elf64_Ehdr>(0); }
  Elf64_Phdr& segment(std::uint32_t type, int skip = 0) {
    for (std::size_t i = 0; i < header().e_phnum; ++i) {
      auto& segment = at<Elf64_Phdr>(header().e_phoff + i * sizeof(Elf64_Phdr));
      if (segment.p_type == type && skip-- == 0) return segment;
    }
    throw std::runtime_error("no such segment");
  }
  Elf64_Dyn& dynamic(std::int64_t tag) {
    const std::size_t start = segment(PT_DYNAMIC).p_offset;
    for (std::size_t i = 0;; ++i) {
      auto& entry = at<Elf64_Dyn>(start + i * sizeof(Elf64_Dyn));
      if (entry.d_tag == tag) return entry;
      if (entry.d_tag == DT_NULL) throw std::runtime_error("no such dynamic entry");
    }
  }
  /// A table of the first segment, where offsets and addresses are the same.
  std::size_t table(std::int64_t tag) { return dynamic(tag).d_un.d_val; }
  Elf64_Sym& symbol(std::size_t index) {
    return at<Elf64_Sym>(table(DT_SYMTAB) + index * sizeof(Elf64_Sym));
  }
  /// The note with the manifest: its header, behind which lie 12 bytes of name and then the text.
  Elf64_Nhdr& manifest_note() {
    return at<Elf64_Nhdr>(bytes_.find("KistPlugin") - sizeof(Elf64_Nhdr));
  }
  std::uint64_t manifest_note_offset() const {
    return bytes_.find("KistPlugin") - sizeof(Elf64_Nhdr);
  }

  /// Replaces the first `from`, which must be there, by `to` of the same length.
  void replace(std::string_view from, std::string_view to) {
    const std::size_t found = bytes_.find(from);
    if (found == std::string::npos || from.size() != to.size())
      throw std::runtime_error("bad replacement");
    bytes_.replace(found, from.size(), to);
  }

 private:
  std::string bytes_;
};

}  // namespace kist::test
