// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include <kist/uuid.hpp>

namespace kist::core {

/// A random UUID (version 4). Errors: internal: the system gives no randomness.
Uuid new_uuid();

/// The UUID (version 5) of a thing that has only a name: the same on every host of a deployment.
/// `kind` is "workspace" or "principal", and keeps namesakes of different kinds apart.
Uuid named_uuid(const Uuid& deployment_id, std::string_view kind, std::string_view name);

}  // namespace kist::core
