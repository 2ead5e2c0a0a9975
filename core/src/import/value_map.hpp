// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include <kist/secret_values.hpp>

#include "secrets/validation.hpp"

namespace kist::core {

/// Reads the values of a secret from a JSON object (RFC 8259) whose members are all strings.
/// Comments are no JSON. No message holds a value or quotes the text; keys are named only where
/// check_key() does.
/// Errors: corrupt: no JSON object; invalid_argument: a member is no string, a key stands twice or
/// breaks the rule for keys; LimitExceeded.
SecretValues parse_value_map(std::string_view json, const Limits& limits);

}  // namespace kist::core
