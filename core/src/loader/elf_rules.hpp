// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <elf.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loader/elf_file.hpp"
#include "loader/manifest.hpp"
#include "loader/refusal.hpp"

namespace kist::core {

/// The machine that this host was built for: an EM_* of ELF, and its name in a manifest's
/// build.arch.
struct HostMachine {
  std::uint16_t elf_machine;
  std::string_view name;
};
#if defined(__x86_64__)
inline constexpr HostMachine kHostMachine{EM_X86_64, "x86_64"};
#elif defined(__aarch64__)
inline constexpr HostMachine kHostMachine{EM_AARCH64, "aarch64"};
#else
#error "name this machine as ELF and manifests do"
#endif

struct ElfPolicy {
  HostMachine machine = kHostMachine;
  std::vector<std::string> extra_libraries;  ///< Allowed in DT_NEEDED beside is_system_library().
};

/// What the static rules say of one file. No refusal: the dynamic linker may map it.
struct CheckReport {
  std::vector<std::string_view> judged;  ///< Rules that could be looked at, broken or not.
  std::vector<Finding> refusals;         ///< All that could be found, the gravest first.
  std::vector<Finding> warnings;         ///< Worth a line in the log; the plugin is served.
  std::optional<Manifest> manifest;      ///< Absent: a refusal says why.
  bool has_constructors = false;         ///< Code runs while it is mapped, as in most C++ plugins.
};

/// A library that any plugin may link: the C and C++ runtimes, and those that the project's own
/// stores use.
bool is_system_library(std::string_view name);

/// The rules KP-1, KP-18 and KP-20 to KP-24, on bytes that may be anything. Errors: none but
/// bad_alloc.
CheckReport check_elf(std::span<const std::byte> bytes, const ElfPolicy& policy);

}  // namespace kist::core
