// SPDX-License-Identifier: Apache-2.0
#include "cli/build_id.hpp"

#include <elf.h>
#include <link.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <kist/types.h>

namespace kist::cli {
namespace {

std::size_t padded(std::size_t size) { return (size + 3) / 4 * 4; }

std::string hex(const std::uint8_t* bytes, std::size_t size) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 15];
  }
  return text;
}

/// The notes are our own, written by our linker: nothing in them is doubted.
std::string build_id_in(const std::uint8_t* notes, std::size_t size) {
  while (size >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) header;
    std::memcpy(&header, notes, sizeof(header));
    const std::uint8_t* const name = notes + sizeof(header);
    const std::uint8_t* const description = name + padded(header.n_namesz);
    if (header.n_type == NT_GNU_BUILD_ID && header.n_namesz == 4 &&
        std::memcmp(name, "GNU", 4) == 0)
      return hex(description, header.n_descsz);
    const std::size_t length = sizeof(header) + padded(header.n_namesz) + padded(header.n_descsz);
    if (length > size) break;
    notes += length;
    size -= length;
  }
  return {};
}

/// Called for the program first, and stops there.
int read_program(struct dl_phdr_info* info, std::size_t, void* result) {
  for (std::size_t i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_NOTE) continue;
    const auto* const notes =
        reinterpret_cast<const std::uint8_t*>(info->dlpi_addr + segment.p_vaddr);
    const std::string found = build_id_in(notes, segment.p_memsz);
    if (!found.empty()) *static_cast<std::string*>(result) = found;
  }
  return 1;
}

}  // namespace

std::string build_id() {
  std::string id = "unknown";
  ::dl_iterate_phdr(&read_program, &id);
  return id;
}

std::string version_line() {
  return "kist " KIST_VERSION " (build " + build_id() + ", ABI " + std::to_string(KIST_ABI_MAJOR) +
         "." + std::to_string(KIST_ABI_MINOR) + ")\n";
}

}  // namespace kist::cli
