// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <unordered_map>

#include "api/json_writer.hpp"
#include "secrets/directory.hpp"

namespace kist::api {

/// The time of what has none: first-generation ZenML clients want one of everything.
inline constexpr Timestamp kNoTime{};

/// Workspaces and principals as replies show them, written once: each secret has one of each. Does
/// not change after construction; any thread.
class DirectoryJson {
 public:
  explicit DirectoryJson(const core::Directory& directory);

  /// One that is not configured any more has its id for a name.
  void write_workspace(JsonWriter& out, const Uuid& id) const;
  void write_principal(JsonWriter& out, const Uuid& id) const;

 private:
  std::unordered_map<Uuid, std::string> workspaces_, principals_;
};

}  // namespace kist::api
