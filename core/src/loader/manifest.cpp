// SPDX-License-Identifier: Apache-2.0
#include "loader/manifest.hpp"

#include <algorithm>
#include <array>

#include <kist/error.hpp>
#include <kist/plugin.h>

#include "loader/json_object_reader.hpp"
#include "loader/strict_json.hpp"

namespace kist::core {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxDepth = 8;
constexpr std::size_t kMaxStores = 16;
constexpr std::size_t kMaxCapabilities = 32;
constexpr std::size_t kMaxOptions = 64;
constexpr std::size_t kMaxChoices = 64;
constexpr std::uint64_t kMaxSecretBytes = std::uint64_t{1} << 40;

constexpr TextForm kIdForm{kPluginIdForm, 1, 128, "abcdefghijklmnopqrstuvwxyz0123456789.-"};
constexpr TextForm kVersionForm{"a text of 1 to 64 bytes", 1, 64};
constexpr TextForm kProseForm{"a text of at most 1024 bytes", 0, 1024};
constexpr TextForm kTypeForm{"1 to 64 of a-z 0-9 _ -", 1, 64,
                             "abcdefghijklmnopqrstuvwxyz0123456789_-"};
constexpr TextForm kNameForm{"1 to 64 of a-z 0-9 _, first a letter", 1, 64,
                             "abcdefghijklmnopqrstuvwxyz0123456789_"};
/// What a configuration says beside a store's options, now or one day.
constexpr std::array<std::string_view, 4> kHostKeys = {"type", "class_path", "trace_calls",
                                                       "isolation"};
constexpr TextForm kChoiceForm{"a text of 1 to 256 bytes", 1, 256};
constexpr TextForm kDefaultForm{"a text of at most 1024 bytes", 0, 1024};

std::string element(const std::string& list, std::size_t index) {
  return list + "[" + std::to_string(index) + "]";
}

// The texts of a list, each of `form` and none of them twice.
std::vector<std::string> read_texts(JsonObjectReader& reader, std::string_view name,
                                    std::size_t min, std::size_t max, const TextForm& form) {
  std::vector<std::string> texts;
  for (const json::value& item : reader.list(name, min, max)) {
    const std::string place = element(reader.place_of(name), texts.size());
    if (!item.is_string() || !form.fits(item.get_string()))
      refuse_member(place, &item, form.description);
    if (std::ranges::find(texts, std::string_view(item.get_string())) != texts.end())
      refuse_member(place, &item, "each entry only once");
    texts.emplace_back(std::string_view(item.get_string()));
  }
  return texts;
}

OptionKind read_kind(JsonObjectReader& reader) {
  constexpr std::string_view expected = "string, integer, boolean or path";
  const std::string kind = reader.text("kind", {expected, 1, 16});
  if (kind == "string") return OptionKind::string;
  if (kind == "integer") return OptionKind::integer;
  if (kind == "boolean") return OptionKind::boolean;
  if (kind == "path") return OptionKind::path;
  reader.refuse("kind", expected);
}

void read_range(JsonObjectReader& reader, OptionSchema& option) {
  option.min = reader.optional_integer("min");
  option.max = reader.optional_integer("max");
  if (option.kind != OptionKind::integer) {
    if (option.min) reader.refuse("min", "only integers to have it");
    if (option.max) reader.refuse("max", "only integers to have it");
  }
  if (option.min && option.max && *option.min > *option.max)
    reader.refuse("min", "at most the max, which is " + std::to_string(*option.max));
}

std::string read_integer_default(JsonObjectReader& reader, const OptionSchema& option) {
  const std::int64_t number = *reader.optional_integer("default");
  if (option.min && number < *option.min)
    reader.refuse("default", "at least the min, which is " + std::to_string(*option.min));
  if (option.max && number > *option.max)
    reader.refuse("default", "at most the max, which is " + std::to_string(*option.max));
  return std::to_string(number);
}

std::optional<std::string> read_default(JsonObjectReader& reader, const OptionSchema& option) {
  if (!reader.find("default")) return std::nullopt;
  if (option.required) reader.refuse("default", "none, for the option is required");
  switch (option.kind) {
    case OptionKind::integer:
      return read_integer_default(reader, option);
    case OptionKind::boolean:
      return reader.optional_flag("default") ? "true" : "false";
    case OptionKind::string:
    case OptionKind::path:
      break;
  }
  std::string text = reader.text("default", kDefaultForm);
  if (option.kind == OptionKind::path && !text.starts_with('/'))
    reader.refuse("default", "an absolute path");
  if (!option.choices.empty() && std::ranges::find(option.choices, text) == option.choices.end())
    reader.refuse("default", "one of the choices");
  return text;
}

OptionSchema read_option(const json::value& value, std::string place) {
  JsonObjectReader reader(value, std::move(place));
  OptionSchema option;
  option.name = reader.text("name", kNameForm);
  if (option.name.front() < 'a') reader.refuse("name", kNameForm.description);
  if (std::ranges::find(kHostKeys, option.name) != kHostKeys.end())
    reader.refuse("name", "none of type, class_path, trace_calls, isolation, which are the host's");
  option.kind = read_kind(reader);
  option.required = reader.optional_flag("required");
  option.secret = reader.optional_flag("secret");
  option.description = reader.optional_text("description", kProseForm);
  read_range(reader, option);
  if (reader.find("choices")) {
    if (option.kind != OptionKind::string) reader.refuse("choices", "only strings to have them");
    option.choices = read_texts(reader, "choices", 1, kMaxChoices, kChoiceForm);
  }
  option.default_text = read_default(reader, option);
  reader.finish();
  return option;
}

StoreTypeManifest read_store(const json::value& value, const std::string& place) {
  JsonObjectReader reader(value, place);
  StoreTypeManifest store;
  store.type = reader.text("type", kTypeForm);
  store.summary = reader.optional_text("summary", kProseForm);
  constexpr std::string_view threading = "serial or concurrent";
  store.threading = reader.text("threading", {threading, 1, 16});
  if (store.threading != "serial" && store.threading != "concurrent")
    reader.refuse("threading", threading);

  // Names that this host does not know are those of a later minor version of the ABI.
  store.capabilities = read_texts(reader, "capabilities", 1, kMaxCapabilities, kNameForm);
  if (store.has("scan") == store.has("native_query"))
    reader.refuse("capabilities", "exactly one of 'scan' and 'native_query' in it");
  if (reader.find("max_secret_bytes"))
    store.max_secret_bytes = reader.number("max_secret_bytes", 1, kMaxSecretBytes);

  for (const json::value& item : reader.list("options", 0, kMaxOptions)) {
    const std::string option_place = element(reader.place_of("options"), store.options.size());
    OptionSchema option = read_option(item, option_place);
    if (store.option(option.name))
      refuse_member(option_place + ".name", item.get_object().if_contains("name"),
                    "each option only once");
    store.options.push_back(std::move(option));
  }
  reader.finish();
  return store;
}

void read_abi(JsonObjectReader& manifest_reader, Manifest& manifest) {
  JsonObjectReader reader(manifest_reader.require("abi", "an object"), "abi");
  manifest.abi_major = static_cast<std::uint32_t>(reader.number("major", 0, UINT16_MAX));
  manifest.abi_minor = static_cast<std::uint32_t>(reader.number("minor", 0, UINT16_MAX));
  reader.finish();
}

void read_build(JsonObjectReader& manifest_reader, Manifest& manifest) {
  const json::value* build = manifest_reader.find("build");
  if (!build) return;
  JsonObjectReader reader(*build, "build");
  manifest.arch = reader.optional_text("arch", kProseForm);
  manifest.compiler = reader.optional_text("compiler", kProseForm);
  manifest.libc = reader.optional_text("libc", kProseForm);
  manifest.sdk = reader.optional_text("sdk", kProseForm);
  reader.finish();
}

void read_stores(JsonObjectReader& manifest_reader, Manifest& manifest) {
  for (const json::value& item : manifest_reader.list("stores", 1, kMaxStores)) {
    const std::string place = element("stores", manifest.stores.size());
    StoreTypeManifest store = read_store(item, place);
    if (manifest.store(store.type))
      refuse_member(place + ".type", item.get_object().if_contains("type"),
                    "each store type only once");
    manifest.stores.push_back(std::move(store));
  }
}

Manifest read_manifest(const json::value& document) {
  JsonObjectReader reader(document, "");
  reader.number("manifest", 1, 1);
  Manifest manifest;
  manifest.id = reader.text("id", kIdForm);
  if (!is_plugin_id(manifest.id)) reader.refuse("id", kPluginIdForm);
  manifest.version = reader.text("version", kVersionForm);
  manifest.vendor = reader.optional_text("vendor", kProseForm);
  manifest.license = reader.optional_text("license", kProseForm);
  manifest.summary = reader.optional_text("summary", kProseForm);
  read_abi(reader, manifest);
  read_build(reader, manifest);
  read_stores(reader, manifest);
  reader.finish();
  return manifest;
}

json::value read_document(std::string_view text) {
  if (text.size() > KIST_MANIFEST_SIZE_MAX)
    throw Error(ErrorCode::invalid_argument,
                "manifest: the text has " + std::to_string(text.size()) +
                    " bytes, expected at most " + std::to_string(KIST_MANIFEST_SIZE_MAX));
  try {
    return parse_strict_json(text, kMaxDepth);
  } catch (const Error& error) {
    throw Error(error.code, "manifest: " + std::string(error.message()));
  }
}

}  // namespace

bool StoreTypeManifest::has(std::string_view capability) const {
  return std::ranges::find(capabilities, capability) != capabilities.end();
}

const OptionSchema* StoreTypeManifest::option(std::string_view name) const {
  const auto found = std::ranges::find(options, name, &OptionSchema::name);
  return found == options.end() ? nullptr : &*found;
}

const StoreTypeManifest* Manifest::store(std::string_view type) const {
  const auto found = std::ranges::find(stores, type, &StoreTypeManifest::type);
  return found == stores.end() ? nullptr : &*found;
}

bool is_plugin_id(std::string_view text) {
  return kIdForm.fits(text) && text.front() != '.' && text.front() != '-' &&
         text.find("..") == std::string_view::npos;
}

Manifest parse_manifest(std::string_view json_text) {
  return read_manifest(read_document(json_text));
}

}  // namespace kist::core
