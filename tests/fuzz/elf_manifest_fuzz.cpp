// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>

#include <kist/error.hpp>

#include "loader/elf_rules.hpp"
#include "loader/manifest.hpp"

namespace {

using namespace kist::core;

// A manifest that was accepted keeps what the rest of the host takes for granted.
void check_manifest(const Manifest& manifest) {
  if (manifest.id.empty() || manifest.id.find('/') != std::string::npos || manifest.stores.empty())
    std::abort();
  for (const StoreTypeManifest& store : manifest.stores) {
    if (store.type.empty() || store.has("scan") == store.has("native_query")) std::abort();
    for (const OptionSchema& option : store.options) {
      if (option.required && option.default_text) std::abort();
    }
  }
}

}  // namespace

// The bytes as a plugin's file, and as the text of its manifest, which a fuzzer reaches sooner so.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const CheckReport report = check_elf(std::as_bytes(std::span(data, size)), {});
  if (report.refusals.empty() != (report.refusals.empty() && report.manifest.has_value()))
    std::abort();
  if (report.manifest) check_manifest(*report.manifest);
  try {
    check_manifest(parse_manifest({reinterpret_cast<const char*>(data), size}));
  } catch (const kist::Error& error) {
    if (error.message().empty()) std::abort();
  }
  return 0;
}
