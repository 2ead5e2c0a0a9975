// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "config/store_options.hpp"
#include "loader/plugin_store.hpp"

namespace kist::core {

/// What a store is opened with, of options that have been checked.
std::vector<OpenOption> open_options(const CheckedOptions& options);

}  // namespace kist::core
