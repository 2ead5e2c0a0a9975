// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "config/configuration.hpp"
#include "config/store_options.hpp"

namespace kist::core {

/// The rows of `kist config show`: every value in force, defaults too, and where it comes from.
/// Options of a store are shown as the plugin gets them; without its checked options (null: the
/// plugin is not to be found, or the store is off) nothing says which of them are secret, and so
/// all are shown as "(secret)".
std::vector<Setting> show_configuration(const Configuration& configuration,
                                        const CheckedOptions* secrets_store,
                                        const CheckedOptions* backup_secrets_store);

}  // namespace kist::core
