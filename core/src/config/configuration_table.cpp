// SPDX-License-Identifier: Apache-2.0
#include "config/configuration_table.hpp"

#include <iterator>
#include <string_view>

namespace kist::core {
namespace {

Setting row(const std::string& path, std::string_view text, bool secret, const Origin& origin) {
  const bool hidden = secret || origin.interpolated();
  return {path, std::string(hidden ? kSecretShown : text), origin.describe()};
}

void add_store(std::vector<Setting>& rows, const StoreSettings& store,
               const CheckedOptions* checked) {
  const std::string prefix = store.section + ".";
  rows.push_back(row(prefix + "type", store.type, false, store.type_origin));
  if (store.class_path) {
    rows.push_back(row(prefix + "class_path", *store.class_path, false, store.class_path_origin));
  }
  if (checked != nullptr) {
    for (const CheckedOption& option : checked->options) {
      rows.push_back(row(prefix + option.name, option.text.reveal(), option.secret, option.origin));
    }
    rows.push_back(row(prefix + "trace_calls", checked->trace_calls ? "true" : "false", false,
                       checked->trace_calls_origin));
    return;
  }
  for (const StoreOption& option : store.options) {
    rows.push_back(row(prefix + option.name, {}, true, option.origin));
  }
}

}  // namespace

std::vector<Setting> show_configuration(const Configuration& configuration,
                                        const CheckedOptions* secrets_store,
                                        const CheckedOptions* backup_secrets_store) {
  std::vector<Setting> rows;
  add_store(rows, configuration.secrets_store, secrets_store);
  add_store(rows, configuration.backup_secrets_store, backup_secrets_store);
  rows.insert(rows.end(), configuration.settings.begin(), configuration.settings.end());
  return rows;
}

}  // namespace kist::core
