// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <kist/secret_values.hpp>

namespace kist::core {

/// Looks at all bytes of all values, whether or not an earlier one differs.
bool same_values(const SecretValues& a, const SecretValues& b);

}  // namespace kist::core
