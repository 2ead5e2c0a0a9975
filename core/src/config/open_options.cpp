// SPDX-License-Identifier: Apache-2.0
#include "config/open_options.hpp"

namespace kist::core {

std::vector<OpenOption> open_options(const CheckedOptions& options) {
  std::vector<OpenOption> result;
  for (const CheckedOption& option : options.options)
    result.push_back({option.name, option.kind, option.secret, option.text.clone()});
  return result;
}

}  // namespace kist::core
