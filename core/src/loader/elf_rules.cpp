// SPDX-License-Identifier: Apache-2.0
#include "loader/elf_rules.hpp"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define KIST_HOST_IS_SANITIZED
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define KIST_HOST_IS_SANITIZED
#endif

#include <algorithm>

#include <kist/plugin.h>

#include "text/printable.hpp"

namespace kist::core {
namespace {

constexpr std::string_view kEntry = "kist_plugin_v1";
constexpr std::uint64_t kMaxStaticTlsBytes = 64;

// A list of names for a message: at most five of them.
std::string listed(const std::vector<std::string_view>& names) {
  constexpr std::size_t kMaxShown = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMaxShown); ++i)
    text += (i == 0 ? "'" : ", '") + printable(names[i]) + "'";
  if (names.size() > kMaxShown)
    text += " and " + std::to_string(names.size() - kMaxShown) + " more";
  return text;
}

class Check {
 public:
  Check(const ElfFile& file, const ElfPolicy& policy) : file_(file), policy_(policy) {}

  CheckReport run() {
    report_.judged = {"KP-1", "KP-18", "KP-20", "KP-21", "KP-22", "KP-23"};
    check_kind();
    check_protection();
    check_libraries();
    check_tags();
    check_exports();
    check_tls();
    check_manifest();
    report_.has_constructors =
        file_.dynamic_value(DT_INIT) || file_.dynamic_value(DT_INIT_ARRAYSZ).value_or(0) != 0;
    return std::move(report_);
  }

 private:
  void refuse(const char* rule, std::string found, std::string expected) {
    report_.refusals.push_back({rule, std::move(found), std::move(expected)});
  }
  void warn(const char* rule, std::string found, std::string expected) {
    report_.warnings.push_back({rule, std::move(found), std::move(expected)});
  }

  void check_kind() {
    if (file_.type() != ET_DYN)
      refuse("KP-20", "the ELF type is " + std::to_string(file_.type()), "3, a shared object");
    if (file_.machine() != policy_.machine.elf_machine)
      refuse(
          "KP-20", "the file is for ELF machine " + std::to_string(file_.machine()),
          std::to_string(policy_.machine.elf_machine) + ", " + std::string(policy_.machine.name));
    if (file_.segment(PT_INTERP))
      refuse("KP-20", "the file names a program interpreter, so it is a program",
             "a shared object");
    if (!file_.segment(PT_DYNAMIC))
      refuse("KP-20", "the file has no dynamic section", "a shared object");
  }

  void check_protection() {
    for (const ElfSegment& segment : file_.segments()) {
      const bool executable = (segment.flags & PF_X) != 0;
      if (segment.type == PT_LOAD && executable && (segment.flags & PF_W) != 0)
        refuse("KP-21",
               "the segment at offset " + std::to_string(segment.offset) +
                   " is both writable and executable",
               "no such segment");
      if (segment.type == PT_GNU_STACK && executable)
        refuse("KP-21", "the file asks for an executable stack", "no PF_X in PT_GNU_STACK");
    }
    if (!file_.segment(PT_GNU_STACK))
      refuse("KP-21", "the file has no PT_GNU_STACK, which means an executable stack",
             "one without PF_X");
    if (file_.dynamic_value(DT_TEXTREL) ||
        (file_.dynamic_value(DT_FLAGS).value_or(0) & DF_TEXTREL) != 0)
      refuse("KP-21", "the file has text relocations", "position-independent code");
    if (!file_.segment(PT_GNU_RELRO))
      warn("KP-21", "the file has no PT_GNU_RELRO", "a link with -z relro -z now");
  }

  void check_libraries() {
    for (const std::string_view name : file_.dynamic_strings(DT_NEEDED)) {
      if (!is_system_library(name) &&
          std::ranges::find(policy_.extra_libraries, name) == policy_.extra_libraries.end())
        refuse("KP-22", "the file needs the library '" + printable(name) + "'",
               "only the C and C++ runtimes and libraries that the configuration allows");
    }
  }

  // Entries that would take the dynamic linker to other files, or other files' symbols to this one.
  void check_tags() {
    struct Tag {
      std::int64_t tag;
      const char* name;
    };
    constexpr Tag tags[] = {{DT_RPATH, "RPATH"},   {DT_RUNPATH, "RUNPATH"},
                            {DT_AUDIT, "AUDIT"},   {DT_DEPAUDIT, "DEPAUDIT"},
                            {DT_FILTER, "FILTER"}, {DT_AUXILIARY, "AUXILIARY"}};
    for (const Tag& tag : tags) {
      const auto values = file_.dynamic_strings(tag.tag);
      if (!values.empty())
        refuse("KP-22", std::string("the file has DT_") + tag.name + " " + listed(values), "none");
    }
    const std::uint64_t flags = file_.dynamic_value(DT_FLAGS_1).value_or(0);
    if ((flags & DF_1_GLOBAL) != 0) refuse("KP-22", "the file has DF_1_GLOBAL", "no such flag");
    if ((flags & DF_1_INTERPOSE) != 0)
      refuse("KP-22", "the file has DF_1_INTERPOSE", "no such flag");
  }

  void check_exports() {
    std::vector<std::string_view> others;
    const ElfExport* entry = nullptr;
    for (const ElfExport& symbol : file_.exports()) {
      if (symbol.name == kEntry && !entry) {
        entry = &symbol;
      } else {
        others.push_back(symbol.name);
      }
    }
    const std::string expected = "the one symbol '" + std::string(kEntry) + "'";
    if (!entry) {
      refuse("KP-1",
             others.empty() ? "the file exports no symbol" : "the file exports " + listed(others),
             expected);
    } else if (!others.empty()) {
      refuse("KP-1", "the file also exports " + listed(others), expected + " and no other");
    }
    if (!entry) return;
    if (entry->type != STT_FUNC)  // An STT_GNU_IFUNC would run code of the plugin to be looked up.
      refuse("KP-1", "'" + std::string(kEntry) + "' has symbol type " + std::to_string(entry->type),
             "2, a function");
    if (!file_.in_executable_segment(entry->address))
      refuse("KP-1", "'" + std::string(kEntry) + "' lies outside the file's code",
             "a function in it");
  }

  void check_tls() {
    std::uint64_t size = 0;
    for (const ElfSegment& segment : file_.segments()) {
      if (segment.type == PT_TLS) size = std::max(size, segment.memory_size);
    }
    if ((file_.dynamic_value(DT_FLAGS).value_or(0) & DF_STATIC_TLS) != 0 &&
        size > kMaxStaticTlsBytes)
      warn("KP-18", "the file takes " + std::to_string(size) + " bytes of static TLS",
           "at most " + std::to_string(kMaxStaticTlsBytes) + ": a process has few");
  }

  void check_manifest() {
    const ElfNote* manifest = nullptr;
    std::size_t count = 0;
    for (const ElfNote& note : file_.notes()) {
      if (note.name != KIST_NOTE_NAME) continue;
      manifest = &note;
      ++count;
    }
    if (count != 1)
      return refuse("KP-23",
                    "the file has " + std::to_string(count) + " notes named " KIST_NOTE_NAME,
                    "one, the manifest");
    if (!check_note_type(manifest->type)) return;
    report_.judged.push_back("KP-24");
    std::string_view text(reinterpret_cast<const char*>(manifest->description.data()),
                          manifest->description.size());
    // A note's size is a multiple of four; a compiler that lays out a string pads it with NULs.
    text = text.substr(0, text.find_last_not_of('\0') + 1);
    try {
      report_.manifest = parse_manifest(text);
    } catch (const Error& error) {
      return refuse("KP-23", std::string(error.message()), "a manifest that can be read");
    }
    check_manifest_against_file(*report_.manifest);
  }

  bool check_note_type(std::uint32_t type) {
    if (type == KIST_NOTE_TYPE) return true;
    constexpr std::uint32_t major_bits = 0xffff;
    if ((type & ~major_bits) == (KIST_NOTE_TYPE & ~major_bits)) {
      report_.judged.push_back("KP-24");
      refuse("KP-24", "the plugin is built for ABI major " + std::to_string(type & major_bits),
             std::to_string(KIST_ABI_MAJOR) + ", which this host has");
    } else {
      refuse("KP-23", "the manifest's note has type " + std::to_string(type),
             std::to_string(KIST_NOTE_TYPE));
    }
    return false;
  }

  void check_manifest_against_file(const Manifest& manifest) {
    if (manifest.abi_major != KIST_ABI_MAJOR)
      refuse("KP-24", "the manifest says ABI major " + std::to_string(manifest.abi_major),
             std::to_string(KIST_ABI_MAJOR) + ", which this host has");
    if (!manifest.arch.empty() && manifest.arch != policy_.machine.name)
      refuse("KP-24", "the manifest says build.arch '" + printable(manifest.arch) + "'",
             "'" + std::string(policy_.machine.name) + "'");
  }

  const ElfFile& file_;
  const ElfPolicy& policy_;
  CheckReport report_;
};

}  // namespace

bool is_system_library(std::string_view name) {
  // By soname, so by ABI. First the C and C++ runtimes. Then what our own stores link: the
  // distribution patches these, which it cannot do for a copy that is hidden inside a plugin.
  constexpr std::string_view names[] = {"libc.so.6",
                                        "libm.so.6",
                                        "libstdc++.so.6",
                                        "libgcc_s.so.1",
                                        "libpthread.so.0",
                                        "libdl.so.2",
                                        "librt.so.1",
                                        "ld-linux-x86-64.so.2",
                                        "ld-linux-aarch64.so.1",
                                        "libsqlite3.so.0",
                                        "libpq.so.5",
                                        "libcurl.so.4",
                                        "libssl.so.3",
                                        "libcrypto.so.3"};
  if (std::ranges::find(names, name) != std::end(names)) return true;
#if defined(KIST_HOST_IS_SANITIZED)
  for (const std::string_view runtime :
       {"libasan.so.", "libubsan.so.", "libtsan.so.", "libclang_rt."})
    if (name.starts_with(runtime)) return true;
#endif
  return false;
}

CheckReport check_elf(std::span<const std::byte> bytes, const ElfPolicy& policy) {
  try {
    const ElfFile file(bytes);
    return Check(file, policy).run();
  } catch (const MalformedElf& malformed) {
    CheckReport report;
    report.judged = {"KP-20"};
    report.refusals.push_back({"KP-20", malformed.found, malformed.expected});
    return report;
  }
}

}  // namespace kist::core
