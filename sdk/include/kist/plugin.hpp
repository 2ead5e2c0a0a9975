// SPDX-License-Identifier: Apache-2.0
#pragma once

// All that a plugin written in C++ includes.

#include <kist/base_secrets_store.hpp>
#include <kist/configuration.hpp>
#include <kist/manifest.hpp>
#include <kist/record_store.hpp>
#include <kist/thunks.hpp>

/// Makes a plugin of the class `Store`: its one exported function, and its manifest in an ELF note,
/// both from the class and a PluginInfo in braces. Once in a plugin, at namespace scope, outside of
/// any namespace:
///
///   KIST_PLUGIN(DirStore, {.id = "org.example.dir", .version = "1.0.0", .type = "dir"})
#define KIST_PLUGIN(StoreClass, ...)                                                         \
  namespace {                                                                                \
  struct KistPluginDefinition {                                                              \
    using KistStore = StoreClass;                                                            \
    static constexpr ::kist::PluginInfo info = __VA_ARGS__;                                  \
    static_assert(KistStore::TYPE == ::kist::SecretsStoreType::custom || info.type.empty(),  \
                  "a store whose TYPE is not `custom` is named by its TYPE");                \
    static_assert(KistStore::TYPE != ::kist::SecretsStoreType::custom || !info.type.empty(), \
                  "a store whose TYPE is `custom` needs a .type of its own");                \
    static_assert(info.type.empty() || ::kist::detail::is_type_name(info.type),              \
                  "a .type is 1 to 64 of a-z 0-9 _ -");                                      \
    static_assert(::kist::detail::is_plugin_id(info.id),                                     \
                  "an .id is 1 to 128 of a-z 0-9 . -, such as org.example.dir");             \
    static_assert(!info.version.empty() && info.version.size() <= 64,                        \
                  "a .version has 1 to 64 characters");                                      \
  };                                                                                         \
  KIST_NOTE constexpr auto kist_manifest_note =                                              \
      ::kist::detail::manifest_note<KistPluginDefinition>();                                 \
  }                                                                                          \
  extern "C" const kist_plugin* kist_plugin_v1(const kist_host* host) KIST_NOEXCEPT {        \
    return ::kist::detail::can_serve(host)                                                   \
               ? &::kist::detail::PluginTables<KistPluginDefinition>::plugin                 \
               : nullptr;                                                                    \
  }                                                                                          \
  static_assert(true, "swallows a semicolon")
