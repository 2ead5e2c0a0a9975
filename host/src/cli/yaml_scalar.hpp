// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <kist/secret_value.hpp>

namespace kist::cli {

/// Appends UTF-8 as a scalar between double quotes, as YAML 1.1 and 1.2 read it.
void append_yaml_text(detail::SecretBuffer& out, std::string_view text);

/// A scalar that a line holds: between double quotes, between single quotes, or plain. A plain one
/// has to be a text to every reader of YAML: letters, digits and "_./+-" that begin with a letter,
/// and no word such as `true`, `no` or `null`.
struct YamlScalar {
  SecretValue text;
  std::string_view rest;  ///< What stands behind it.
};

/// `refuse` is told what is wrong, and does not return.
YamlScalar read_yaml_scalar(std::string_view line,
                            const std::function<void(const std::string& why)>& refuse);

}  // namespace kist::cli
