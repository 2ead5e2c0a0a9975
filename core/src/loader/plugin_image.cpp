// SPDX-License-Identifier: Apache-2.0
#include "loader/plugin_image.hpp"

#include <dlfcn.h>

#include <cstddef>
#include <cstring>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include <boost/dll/shared_library.hpp>

#include "loader/process_state.hpp"
#include "text/printable.hpp"

namespace kist::core {
namespace {

constexpr const char* kEntryPoint = "kist_plugin_v1";
constexpr std::size_t kStoreTypesMax = 16;
constexpr std::size_t kTextBytesMax = 256;  // More than an id or a version may have.

// now     a symbol that nobody defines is an error here, not of a later call
// local   no plugin sees the symbols of another
// nodelete  exit handlers and thread_local destructors of the plugin outlive any close
const auto kLoadMode = boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local |
                       static_cast<boost::dll::load_mode::type>(RTLD_NODELETE);

/// A name by which the dynamic linker finds the sealed copy, and a debugger too: its /proc/self
/// would be its own, and it would wait for whatever its own descriptor of that number is.
std::string linker_path(int descriptor) {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self", error);
  return "/proc/" + (error ? "self" : self.native()) + "/fd/" + std::to_string(descriptor);
}

/// What dlerror() said, without the name that the file has for the linker. Boost puts it between
/// its own words, which are wrong: "(dlerror system message: …): Bad file descriptor".
std::string linker_message(std::string_view text, const std::string& path) {
  constexpr std::string_view before = "dlerror system message: ";
  const std::size_t at = text.find(before);
  if (at == std::string_view::npos) return printable(text, 512);
  text.remove_prefix(at + before.size());
  text = text.substr(0, text.rfind("): "));
  if (text.starts_with(path + ": ")) text.remove_prefix(path.size() + 2);
  return printable(text, 512);
}

/// Below this size a struct of the plugin lacks members that every version has.
template <class Struct>
bool is_whole(const Struct* table) {
  return table != nullptr && table->struct_size >= sizeof(Struct);
}

class Inspection {
 public:
  Inspection(const std::filesystem::path& path, const Manifest& manifest)
      : path_(path), manifest_(manifest) {}

  void plugin(const kist_plugin* plugin) const {
    if (plugin == nullptr) {
      refuse("KP-24", "the plugin says that it cannot serve this host",
             "a plugin that takes ABI 1.0");
    }
    if (!is_whole(plugin))
      refuse("KP-28", "the plugin's table is cut short", "the size that ABI 1.0 gives it");
    if (plugin->abi_major != KIST_ABI_MAJOR) {
      refuse("KP-24", "the plugin's table is of ABI major " + std::to_string(plugin->abi_major),
             "1");
    }
    same("id", plugin->id, manifest_.id);
    same("version", plugin->version, manifest_.version);
    if (plugin->store_types == nullptr)
      refuse("KP-28", "the plugin has no store types", "at least one");
    std::size_t count = 0;
    while (plugin->store_types[count] != nullptr) {
      if (++count > kStoreTypesMax)
        refuse("KP-28", "the list of store types has no end", "16 at most");
    }
    if (count != manifest_.stores.size()) {
      refuse("KP-3", "the plugin has " + std::to_string(count) + " store types",
             std::to_string(manifest_.stores.size()) + " as in its manifest");
    }
    for (const StoreTypeManifest& declared : manifest_.stores) store_type(plugin, declared);
  }

 private:
  [[noreturn]] void refuse(std::string rule, std::string found, std::string expected) const {
    throw PluginRefused(path_.native(), {std::move(rule), std::move(found), std::move(expected)});
  }

  void same(const std::string& what, const char* found, const std::string& declared) const {
    if (found == nullptr) refuse("KP-28", "the plugin's " + what + " is null", "its text");
    const std::string_view text(found, ::strnlen(found, kTextBytesMax));
    if (text == declared) return;
    refuse("KP-3", "the plugin's " + what + " is " + in_quotes(text),
           in_quotes(declared) + " as in its manifest");
  }

  void store_type(const kist_plugin* plugin, const StoreTypeManifest& declared) const {
    const kist_store_type* found = nullptr;
    for (auto* const* type = plugin->store_types; *type != nullptr; ++type) {
      if (!is_whole(*type))
        refuse("KP-28", "the table of a store type is cut short", "the size that ABI 1.0 gives it");
      if ((*type)->name == nullptr) refuse("KP-28", "the name of a store type is null", "its text");
      if (declared.type == (*type)->name) found = *type;
    }
    const std::string name = "store type '" + declared.type + "'";
    if (found == nullptr)
      refuse("KP-3", "the plugin has no " + name, "the store types of its manifest");
    if (!is_whole(found->table))
      refuse("KP-28", "the operations of " + name + " are cut short or null", "all of ABI 1.0");
    operations(name, *found);
    declarations(name, *found, declared);
  }

  void operations(const std::string& name, const kist_store_type& type) const {
    const kist_store_table& table = *type.table;
    const std::pair<const char*, bool> members[] = {
        {"open", type.open != nullptr},
        {"create_secret", table.create_secret != nullptr},
        {"get_secret", table.get_secret != nullptr},
        {"list_secrets", table.list_secrets != nullptr},
        {"update_secret", table.update_secret != nullptr},
        {"delete_secret", table.delete_secret != nullptr},
        {"close", table.close != nullptr},
    };
    for (const auto& [member, is_there] : members) {
      if (!is_there)
        refuse("KP-28", std::string(member) + "() of " + name + " is null", "a function");
    }
  }

  void declarations(const std::string& name, const kist_store_type& type,
                    const StoreTypeManifest& declared) const {
    const std::string_view threading =
        type.threading == KIST_THREADING_CONCURRENT ? "concurrent" : "serial";
    if (threading != declared.threading) {
      refuse("KP-3", name + " is " + std::string(threading),
             declared.threading + " as in its manifest");
    }
    const std::pair<std::uint64_t, std::string_view> capabilities[] = {
        {KIST_CAP_SCAN, "scan"},
        {KIST_CAP_NATIVE_QUERY, "native_query"},
        {KIST_CAP_PERSISTENT, "persistent"},
        {KIST_CAP_IF_REVISION, "if_revision"},
        {KIST_CAP_LOCAL, "local"},
        {KIST_CAP_ENCRYPTS_AT_REST, "encrypts_at_rest"},
    };
    for (const auto& [bit, word] : capabilities) {
      const bool has = (type.capabilities & bit) != 0;
      if (has == declared.has(word)) continue;
      refuse("KP-3", name + (has ? " has '" : " has not '") + std::string(word) + "'",
             "the capabilities of its manifest");
    }
  }

  const std::filesystem::path& path_;
  const Manifest& manifest_;
};

}  // namespace

struct PluginImage::Library {
  boost::dll::shared_library handle;  // Moved, never copied: a copy would open the path anew.
};

PluginImage::PluginImage() : library_(std::make_unique<Library>()) {}
PluginImage::~PluginImage() = default;

std::shared_ptr<const PluginImage> PluginImage::load(CheckedPlugin plugin, const HostTable& host) {
  std::shared_ptr<PluginImage> image(new PluginImage);
  image->path_ = plugin.file.path();
  image->manifest_ = std::move(plugin.manifest);
  image->sha256_ = plugin.file.sha256();
  const auto refuse = [&](std::string rule, std::string found, std::string expected) {
    throw PluginRefused(image->path_.native(),
                        {std::move(rule), std::move(found), std::move(expected)});
  };

  const ProcessState before = ProcessState::capture();
  const std::string path = linker_path(plugin.file.descriptor());
  kist_plugin_entry* entry = nullptr;
  try {
    image->library_->handle.load(path, kLoadMode);
    plugin.file.release_descriptor();  // Mapped: the name must stay taken.
    entry = &image->library_->handle.get<kist_plugin_entry>(kEntryPoint);
  } catch (const std::exception& error) {
    before.restore();
    refuse("KP-27", linker_message(error.what(), path), "a file that the dynamic linker maps");
  }
  image->plugin_ = entry(&host);
  if (const auto changed = before.restore(); !changed.empty()) {
    refuse("KP-14", "loading it changed " + changed.front(),
           "a plugin that leaves the process as it is");
  }
  Inspection(image->path_, image->manifest_).plugin(image->plugin_);
  return image;
}

const kist_store_type& PluginImage::store_type(std::string_view type) const {
  for (auto* const* candidate = plugin_->store_types;; ++candidate) {
    if (*candidate == nullptr) {
      throw Error(ErrorCode::not_found,
                  "plugin '" + manifest_.id + "' has no store type " + in_quotes(type));
    }
    if (type == (*candidate)->name) return **candidate;
  }
}

}  // namespace kist::core
