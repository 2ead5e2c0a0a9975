// SPDX-License-Identifier: Apache-2.0
#pragma once

// Between the models and the structs of the ABI. Both sides of the boundary use it: the SDK's
// thunks in a plugin, the adapter in the host.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <kist/models.hpp>

namespace kist::abi {

inline kist_bytes bytes(std::string_view text) noexcept { return {text.data(), text.size()}; }
inline std::string_view view(kist_bytes bytes) noexcept {
  return bytes.data == nullptr ? std::string_view()
                               : std::string_view(static_cast<const char*>(bytes.data), bytes.size);
}

inline kist_uuid uuid(const Uuid& id) noexcept {
  kist_uuid result;
  std::memcpy(result.bytes, id.bytes.data(), sizeof(result.bytes));
  return result;
}
inline Uuid uuid(const kist_uuid& id) noexcept {
  Uuid result;
  std::memcpy(result.bytes.data(), id.bytes, sizeof(id.bytes));
  return result;
}

inline std::int64_t microseconds(Timestamp time) noexcept {
  return time.time_since_epoch().count();
}
inline Timestamp timestamp(std::int64_t microseconds) noexcept {
  return Timestamp(std::chrono::microseconds(microseconds));
}

/// A copy of what the other side passed: members beyond its `struct_size` are zero, and what it has
/// beyond ours is passed over. All growable structs are read through this.
template <class Struct>
Struct read(const Struct* given) noexcept {
  if (given->struct_size == sizeof(Struct)) [[likely]]
    return *given;
  Struct result{};
  std::memcpy(&result, given, std::min<std::size_t>(given->struct_size, sizeof(Struct)));
  return result;
}

/// Borrows `metadata`.
inline kist_record record(const SecretMetadata& metadata) noexcept {
  kist_record result{};
  result.struct_size = sizeof(result);
  result.flags = metadata.readable ? 0 : KIST_RECORD_UNREADABLE;
  result.id = uuid(metadata.id);
  result.workspace_id = uuid(metadata.workspace_id);
  result.user_id = uuid(metadata.user_id);
  result.name = bytes(metadata.name);
  result.scope = static_cast<std::uint32_t>(metadata.scope);
  result.created_us = microseconds(metadata.created);
  result.updated_us = microseconds(metadata.updated);
  result.revision = metadata.revision;
  return result;
}

/// Copies a record that read() has given into `metadata`. The reader checks `scope` where it
/// matters.
inline void assign(SecretMetadata& metadata, const kist_record& record) {
  metadata.id = uuid(record.id);
  metadata.name.assign(view(record.name));
  metadata.scope = static_cast<Scope>(record.scope);
  metadata.workspace_id = uuid(record.workspace_id);
  metadata.user_id = uuid(record.user_id);
  metadata.created = timestamp(record.created_us);
  metadata.updated = timestamp(record.updated_us);
  metadata.revision = record.revision;
  metadata.readable = (record.flags & KIST_RECORD_UNREADABLE) == 0;
}

}  // namespace kist::abi
