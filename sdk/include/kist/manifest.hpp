// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tuple>

#include <kist/base_secrets_store.hpp>
#include <kist/plugin.h>
#include <kist/sdk_version.h>

namespace kist {

/// What the author says of a plugin; the rest of its manifest follows from the store's class.
struct PluginInfo {
  std::string_view id;       ///< "org.example.dir": 1 to 128 of a-z 0-9 . -
  std::string_view version;  ///< "1.0.0"
  /// What the configuration's `type`, or the part of `class_path` behind the colon, calls the
  /// store: 1 to 64 of a-z 0-9 _ -. May be left out when the store's TYPE is not `custom`.
  std::string_view type = {};
  std::string_view summary = {};
  std::string_view vendor = {};
  std::string_view license = {};
};

namespace detail {

/// Writes JSON to `out`, or, when that is null, only counts. Used at compile time, twice: for the
/// size, then for the text.
class ManifestWriter {
 public:
  constexpr explicit ManifestWriter(char* out) : out_(out) {}
  constexpr std::size_t size() const { return size_; }

  constexpr void raw(std::string_view text) {
    for (const char c : text) put(c);
  }
  constexpr void string(std::string_view text) {
    put('"');
    for (const char c : text) {
      if (c == '"' || c == '\\') put('\\');
      if (static_cast<unsigned char>(c) < 0x20) throw "a control character in a manifest";
      put(c);
    }
    put('"');
  }
  constexpr void integer(std::int64_t value) {
    std::uint64_t rest =
        value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
    char digits[20] = {};
    std::size_t count = 0;
    do digits[count++] = static_cast<char>('0' + rest % 10);
    while ((rest /= 10) != 0);
    if (value < 0) put('-');
    while (count > 0) put(digits[--count]);
  }
  constexpr void member(std::string_view name) {
    if (separate_) put(',');
    string(name);
    put(':');
    separate_ = true;
  }
  constexpr void member(std::string_view name, std::string_view text) {
    member(name);
    string(text);
  }
  constexpr void member(std::string_view name, std::int64_t value) {
    member(name);
    integer(value);
  }
  constexpr void flag(std::string_view name, bool value) {
    if (!value) return;
    member(name);
    raw("true");
  }
  constexpr void open(char bracket) {
    put(bracket);
    separate_ = false;
  }
  constexpr void close(char bracket) {
    put(bracket);
    separate_ = true;
  }
  constexpr void element() {
    if (separate_) put(',');
    separate_ = true;
  }

 private:
  constexpr void put(char c) {
    if (out_ != nullptr) out_[size_] = c;
    ++size_;
  }

  char* out_;
  std::size_t size_ = 0;
  bool separate_ = false;
};

constexpr std::string_view kind_name(std::uint32_t kind) {
  switch (kind) {
    case KIST_OPTION_INTEGER:
      return "integer";
    case KIST_OPTION_BOOLEAN:
      return "boolean";
    case KIST_OPTION_PATH:
      return "path";
    default:
      return "string";
  }
}

constexpr void write_default(ManifestWriter& writer, const FieldSpec& spec) {
  writer.member("default");
  if (spec.kind == KIST_OPTION_INTEGER)
    writer.integer(spec.default_integer);
  else if (spec.kind == KIST_OPTION_BOOLEAN)
    writer.raw(spec.default_integer != 0 ? "true" : "false");
  else
    writer.string(spec.default_text);
}

/// At least one character, and all of them lower-case letters, digits or of `others`.
constexpr bool is_word(std::string_view text, std::size_t size_max, std::string_view others) {
  if (text.empty() || text.size() > size_max) return false;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!plain && others.find(c) == std::string_view::npos) return false;
  }
  return true;
}
constexpr bool is_plugin_id(std::string_view id) {
  return is_word(id, 128, ".-") && id.front() != '.' && id.front() != '-' &&
         id.find("..") == std::string_view::npos;
}
constexpr bool is_type_name(std::string_view type) { return is_word(type, 64, "_-"); }

constexpr void write_option(ManifestWriter& writer, const FieldSpec& spec) {
  if (!is_word(spec.name, 64, "_") || spec.name.front() < 'a')
    throw "the name of an option is 1 to 64 of a-z 0-9 _, and starts with a letter";
  for (const std::string_view key : {"type", "class_path", "trace_calls", "isolation"}) {
    if (spec.name == key)
      throw "no option is named type, class_path, trace_calls or isolation: these are the host's";
  }
  writer.element();
  writer.open('{');
  writer.member("name", spec.name);
  writer.member("kind", kind_name(spec.kind));
  writer.flag("required", spec.is_required);
  writer.flag("secret", spec.is_secret);
  if (spec.has_default) write_default(writer, spec);
  if (spec.has_range) {
    writer.member("min", spec.min);
    writer.member("max", spec.max);
  }
  if (spec.choice_count != 0) {
    writer.member("choices");
    writer.open('[');
    for (std::size_t i = 0; i < spec.choice_count; ++i) {
      writer.element();
      writer.string(spec.choices[i]);
    }
    writer.close(']');
  }
  writer.member("description", spec.description);
  writer.close('}');
}

template <class Store>
constexpr std::string_view type_name(const PluginInfo& info) {
  return info.type.empty() ? to_string(Store::TYPE) : info.type;
}

template <class Store>
constexpr void write_store(ManifestWriter& writer, const PluginInfo& info) {
  constexpr Capabilities capabilities = Store::CAPABILITIES;
  writer.element();
  writer.open('{');
  writer.member("type", type_name<Store>(info));
  writer.member("summary", info.summary);
  writer.member("threading", Store::THREADING == Threading::concurrent ? "concurrent" : "serial");
  writer.member("capabilities");
  writer.open('[');
  writer.element();
  writer.string(capabilities.native_query ? "native_query" : "scan");
  const auto capability = [&](bool has, std::string_view name) {
    if (!has) return;
    writer.element();
    writer.string(name);
  };
  capability(capabilities.persistent, "persistent");
  capability(capabilities.if_revision, "if_revision");
  capability(capabilities.local, "local");
  capability(capabilities.encrypts_at_rest, "encrypts_at_rest");
  writer.close(']');
  writer.member("max_secret_bytes", static_cast<std::int64_t>(Store::MAX_SECRET_BYTES));
  writer.member("options");
  writer.open('[');
  std::apply([&](const auto&... rows) { (write_option(writer, rows.spec), ...); },
             Store::CONFIG_TYPE::fields);
  writer.close(']');
  writer.close('}');
}

template <class Store>
constexpr std::size_t write_manifest(char* out, const PluginInfo& info) {
  ManifestWriter writer(out);
  writer.open('{');
  writer.member("manifest", 1);
  writer.member("id", info.id);
  writer.member("version", info.version);
  writer.member("vendor", info.vendor);
  writer.member("license", info.license);
  writer.member("summary", info.summary);
  writer.member("abi");
  writer.open('{');
  writer.member("major", KIST_ABI_MAJOR);
  writer.member("minor", KIST_ABI_MINOR);
  writer.close('}');
  writer.member("build");
  writer.open('{');
  writer.member("arch", KIST_BUILD_ARCH);
  writer.member("compiler", KIST_BUILD_COMPILER);
  writer.member("libc", KIST_BUILD_LIBC);
  writer.member("sdk", KIST_SDK_VERSION);
  writer.close('}');
  writer.member("stores");
  writer.open('[');
  write_store<Store>(writer, info);
  writer.close(']');
  writer.close('}');
  return writer.size();
}

/// The ELF note as it lies in the file: header, name, text, each padded to four bytes.
template <std::size_t Size>
struct ManifestNote {
  std::uint32_t name_size = sizeof(KIST_NOTE_NAME);
  std::uint32_t json_size = Size;
  std::uint32_t type = KIST_NOTE_TYPE;
  char name[12] = KIST_NOTE_NAME;
  char text[(Size + 3) / 4 * 4] = {};
};

/// `Definition` has a type `KistStore` and a static constexpr PluginInfo `info`.
template <class Definition>
consteval auto manifest_note() {
  using Store = typename Definition::KistStore;
  constexpr std::size_t size = write_manifest<Store>(nullptr, Definition::info);
  static_assert(size <= KIST_MANIFEST_SIZE_MAX,
                "the manifest is larger than KIST_MANIFEST_SIZE_MAX");
  ManifestNote<size> note;
  write_manifest<Store>(note.text, Definition::info);
  return note;
}

}  // namespace detail
}  // namespace kist
