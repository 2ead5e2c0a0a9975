// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include <kist/secret_value.hpp>

namespace kist::core {

/// Where a configured value comes from.
struct Origin {
  enum class Source : std::uint8_t { built_in, file, environment, command_line };

  Source source = Source::built_in;
  std::string place =
      "default";  ///< "kist.json:4:5", "environment KIST_…", "command line", "default".
  /// The references that the text was made from, "${env:NAME}"; empty: none. Such a text is never
  /// shown, since that is how secrets come in.
  std::string references;

  bool interpolated() const { return !references.empty(); }
  /// For people: the place, and what it refers to.
  std::string describe() const { return interpolated() ? place + ", from " + references : place; }
};

/// Any text of the configuration. It may be a secret, so it is kept as one.
struct ConfiguredText {
  SecretValue text;
  Origin origin;
};

}  // namespace kist::core
