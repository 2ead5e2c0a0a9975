// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>

namespace kist::core {

/// Environment variables by name. `main` takes them from the process once, and hands them down.
using Environment = std::map<std::string, std::string, std::less<>>;

/// What the process was started with. Of a name that is there twice, the first counts, as for
/// getenv().
Environment environment_of_process();

}  // namespace kist::core
