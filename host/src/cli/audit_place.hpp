// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "cli/configured.hpp"

namespace kist::cli {

/// Where the audit log of a configuration lies: as core::audit_file() says. `selected` is its
/// store; null: it is off.
std::filesystem::path audit_file_of(const LoadedConfiguration& loaded,
                                    const SelectedStore* selected);

/// The same; looks for the plugin of the store only where the place depends on it. Errors: those of
/// select_store().
std::filesystem::path audit_file_of(const LoadedConfiguration& loaded);

}  // namespace kist::cli
