// SPDX-License-Identifier: Apache-2.0
#include "cli/audit_place.hpp"

#include <optional>
#include <system_error>

#include "audit/audit_place.hpp"
#include "cli/open_host.hpp"

namespace kist::cli {

std::filesystem::path audit_file_of(const LoadedConfiguration& loaded,
                                    const SelectedStore* selected) {
  std::optional<core::DeploymentDirectory> deployment;
  if (selected != nullptr) deployment = deployment_directory_of(loaded, *selected);
  std::error_code error;
  const std::filesystem::path otherwise =
      loaded.file ? loaded.file->directory : std::filesystem::current_path(error);
  if (error)
    throw Error(ErrorCode::unavailable,
                "the working directory cannot be found: " + error.message());
  return core::audit_file(loaded.configuration.audit, deployment, otherwise);
}

std::filesystem::path audit_file_of(const LoadedConfiguration& loaded) {
  const core::StoreSettings& store = loaded.configuration.secrets_store;
  if (loaded.configuration.audit.file || store.is_off()) return audit_file_of(loaded, nullptr);
  const SelectedStore selected = select_store(loaded, store);
  return audit_file_of(loaded, &selected);
}

}  // namespace kist::cli
