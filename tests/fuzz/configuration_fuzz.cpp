// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <kist/error.hpp>

#include "config/configuration_reader.hpp"
#include "config/configuration_table.hpp"
#include "config/store_options.hpp"
#include "text/printable.hpp"

namespace {

using namespace kist::core;

const StoreTypeManifest& manifest() {
  static const StoreTypeManifest kManifest = [] {
    StoreTypeManifest type;
    type.type = "acme";
    const auto add = [&](const char* name, OptionKind kind) -> OptionSchema& {
      type.options.push_back({});
      type.options.back().name = name;
      type.options.back().kind = kind;
      return type.options.back();
    };
    add("path", OptionKind::path);
    add("port", OptionKind::integer).max = 65535;
    add("verify", OptionKind::boolean);
    add("mode", OptionKind::string).choices = {"fast", "safe"};
    add("token", OptionKind::string).secret = true;
    return type;
  }();
  return kManifest;
}

void read(std::string_view text) {
  const JsonDocument document = parse_json_document(text, "kist.json");
  ConfigurationSources sources;
  sources.document = &document;
  sources.file_directory = "/etc/kist";
  sources.working_directory = "/srv";
  sources.read_file = [](const std::filesystem::path&, std::size_t) -> kist::SecretValue {
    throw kist::Error(kist::ErrorCode::not_found, "no file can be read here");
  };
  const Configuration configuration = read_configuration(sources);
  show_configuration(configuration, nullptr, nullptr);
  const CheckedOptions options = check_store_options(configuration.secrets_store, manifest());
  show_configuration(configuration, &options, nullptr);
}

}  // namespace

/// Any text is a configuration or is refused with one printable sentence that names the file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    read({reinterpret_cast<const char*>(data), size});
  } catch (const kist::Error& error) {
    const std::string_view message = error.message();
    const bool is_sentence =
        message.starts_with("kist.json:") && printable(message, message.size()) == message;
    if (error.code != kist::ErrorCode::invalid_argument || !is_sentence) std::abort();
  }
  return 0;
}
