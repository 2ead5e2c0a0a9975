/* SPDX-License-Identifier: Apache-2.0
 *
 * kist/plugin.h - the one symbol that a plugin exports, and the manifest that it carries.
 */
#ifndef KIST_PLUGIN_H
#define KIST_PLUGIN_H

#include "store.h"

#if defined(_WIN32)
#define KIST_EXPORT __declspec(dllexport)
#else
#define KIST_EXPORT __attribute__((visibility("default")))
#endif

typedef struct kist_plugin {
  uint32_t struct_size;
  uint16_t abi_major, abi_minor;
  const char* id;                            /* As in the manifest: "org.example.dir". */
  const char* version;                       /* As in the manifest: "1.0.0". */
  const kist_store_type* const* store_types; /* Pointers, ended by a null one. */
} kist_plugin;

#if defined(__cplusplus)
extern "C" {
#endif

/* The one exported symbol. Gives static data, the same at each call, or null: "I cannot serve this
 * host". It compares sizes, and does nothing else: no I/O, no threads, no call of the host. `host`
 * stays valid for the life of the process. */
KIST_EXPORT const kist_plugin* kist_plugin_v1(const kist_host* host) KIST_NOEXCEPT;

#if defined(__cplusplus)
}
#endif

typedef const kist_plugin* kist_plugin_entry(const kist_host*);

/* The manifest: JSON in an ELF note that lies in a loaded segment, so that a host reads it without
 * running the plugin, and `strip` keeps it. Its grammar is in docs/plugins/manifest.md. Size at
 * most KIST_MANIFEST_SIZE_MAX. A C++ author gets it from KIST_PLUGIN; a C author writes
 * KIST_MANIFEST("{…}"). A DLL has no notes: there the same bytes are a section of their own, whose
 * name has at most eight characters, and nobody reads it yet. */
#define KIST_NOTE_NAME "KistPlugin"
#define KIST_NOTE_TYPE 0x4B500001u /* 'K' 'P', then KIST_ABI_MAJOR. */
#define KIST_MANIFEST_SIZE_MAX 65536
#if defined(_WIN32)
#define KIST_NOTE __attribute__((used, section(".kist"), aligned(4)))
#else
#define KIST_NOTE __attribute__((used, section(".note.kist"), aligned(4)))
#endif

#define KIST_MANIFEST(json)                                                                   \
  KIST_NOTE static const struct {                                                             \
    uint32_t name_size, json_size, type;                                                      \
    char name[12];                                                                            \
    char text[(sizeof(json) + 3) / 4 * 4];                                                    \
  } kist_manifest_note = {sizeof(KIST_NOTE_NAME), (sizeof(json) + 3) / 4 * 4, KIST_NOTE_TYPE, \
                          KIST_NOTE_NAME, json}

#endif
