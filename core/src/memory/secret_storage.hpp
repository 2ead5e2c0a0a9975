// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/storage_ptr.hpp>

namespace kist::core {

/// For JSON that shows values: they are in the memory for secrets, and wiped when they go. Strings
/// must be made in their place: one that is moved in from another storage leaves a copy there.
boost::json::storage_ptr secret_storage() noexcept;

}  // namespace kist::core
