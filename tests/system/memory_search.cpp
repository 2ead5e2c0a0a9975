// SPDX-License-Identifier: Apache-2.0
#include "memory_search.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <sstream>
#include <vector>

#include <doctest/doctest.h>

#include "kist_process.hpp"
#include "loader/file_descriptor.hpp"

namespace kist::testing {
namespace {

namespace fs = std::filesystem;

struct Mapping {
  std::uint64_t begin = 0, end = 0, offset = 0;
  bool is_readable = false, is_dumped = true;
  std::string name;
};

/// What /proc/<pid>/smaps says: a line "begin-end perms offset device inode name" for each mapping,
/// and lines "Name: values" behind it.
std::vector<Mapping> mappings_in(const std::string& smaps) {
  std::vector<Mapping> mappings;
  std::istringstream lines(smaps);
  for (std::string line; std::getline(lines, line);) {
    Mapping mapping;
    char readable = '-';
    int name = 0;
    if (std::sscanf(line.c_str(), "%" SCNx64 "-%" SCNx64 " %c%*s %" SCNx64 " %*s %*s %n",
                    &mapping.begin, &mapping.end, &readable, &mapping.offset, &name) == 4) {
      mapping.is_readable = readable == 'r';
      mapping.name = name == 0 ? "" : line.substr(static_cast<std::size_t>(name));
      mappings.push_back(std::move(mapping));
    } else if (line.starts_with("VmFlags:")) {
      mappings.back().is_dumped = line.find(" dd") == std::string::npos;
    }
  }
  return mappings;
}

/// In pieces that overlap, so that no canary lies across two.
void search_mapping(const CanarySearch& search, int memory, const Mapping& mapping,
                    Findings& findings) {
  constexpr std::uint64_t piece = 1 << 20, overlap = 256;
  static std::string bytes(piece + overlap, '\0');
  for (std::uint64_t at = mapping.begin; at < mapping.end; at += piece) {
    const auto size = std::min(mapping.end - at, piece + overlap);
    const ssize_t count = ::pread(memory, bytes.data(), size, static_cast<off_t>(at));
    if (count <= 0) return;  // Of the kernel's own mappings, some cannot be read this way.
    const std::string_view read(bytes.data(), static_cast<std::size_t>(count));
    for (const auto& hit : search.search(read)) {
      char where[256];
      std::snprintf(where, sizeof(where), "%s at %" PRIx64 ", which is '%s' %" PRIx64 " + 0x%zx",
                    hit.form.c_str(), at + hit.offset, mapping.name.c_str(), mapping.begin,
                    static_cast<std::size_t>(at - mapping.begin) + hit.offset);
      findings.emplace(Finding{hit.kind, mapping.is_dumped ? kDumpedMemory : kUndumpedMemory},
                       where);
    }
  }
}

}  // namespace

Findings search_text(const CanarySearch& search, std::string_view text, const std::string& place) {
  Findings findings;
  for (const auto& hit : search.search(text))
    findings.emplace(Finding{hit.kind, place}, hit.form + " at " + std::to_string(hit.offset));
  return findings;
}

Findings search_process(const CanarySearch& search, pid_t process) {
  const fs::path directory = fs::path("/proc") / std::to_string(process);
  const core::FileDescriptor memory(::open((directory / "mem").c_str(), O_RDONLY | O_CLOEXEC));
  REQUIRE(memory);
  const std::string smaps = read_file(directory / "smaps");
  REQUIRE(smaps.find("[stack]") != std::string::npos);
  Findings findings = search_text(search, smaps, "maps");
  for (const char* const name : {"environ", "cmdline", "comm"})
    findings.merge(search_text(search, read_file(directory / name), name));
  for (const Mapping& mapping : mappings_in(smaps)) {
    if (mapping.is_readable) search_mapping(search, memory.get(), mapping, findings);
  }
  return findings;
}

Findings search_files(const CanarySearch& search, const fs::path& directory) {
  Findings findings;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(directory)) {
    const std::string name = fs::relative(entry.path(), directory).native();
    findings.merge(search_text(search, name, "name of a file"));
    if (entry.is_regular_file()) findings.merge(search_text(search, read_file(entry.path()), name));
  }
  return findings;
}

}  // namespace kist::testing
