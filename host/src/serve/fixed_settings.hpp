// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/configuration.hpp"

namespace kist::serve {

/// What a process keeps as it was when it was started: a reload does not change it.
class FixedSettings {
 public:
  /// Errors: invalid_argument: 'audit.signing_key' is no key.
  explicit FixedSettings(const core::Configuration& started_with);

  /// The keys whose values in `now` wait until the host is started anew. Errors: as above.
  std::vector<std::string_view> waiting(const core::Configuration& now) const;

 private:
  std::vector<std::string> texts_;
};

}  // namespace kist::serve
