// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include <kist/secret_value.hpp>

#include "config/environment.hpp"

namespace kist::core {

/// Reads a whole file of at most `bytes_max` bytes, or throws an Error that names it.
using FileReader = std::function<SecretValue(const std::filesystem::path&, std::size_t bytes_max)>;

constexpr std::size_t kInterpolatedBytesMax = 1024 * 1024;

/// What `${…}` may refer to.
struct InterpolationSources {
  const Environment& environment;
  const FileReader& read_file;
  std::filesystem::path directory;  ///< Absolute; relative paths start here.
};

struct InterpolatedText {
  SecretValue text;
  std::string references;  ///< As in Origin.
};

/// Replaces each `${env:NAME}` by the variable and each `${file:PATH}` by the file's content
/// without its last newline. `$${` stands for a plain `${`. What is put in is not looked at again.
/// Errors: invalid_argument for a reference that is malformed, unknown, or too large; what
/// read_file throws.
InterpolatedText interpolate(std::string_view text, const InterpolationSources& sources);

}  // namespace kist::core
