// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/configuration.hpp"
#include "config/section_reader.hpp"

namespace kist::core {

// One function for each section that is more than a few words. `root` is the whole file.

PluginSettings read_plugins(ReadContext& context, SectionReader& root);
SealingSettings read_sealing(ReadContext& context, SectionReader& root);
std::vector<WorkspaceSettings> read_workspaces(ReadContext& context, SectionReader& root);
/// `workspaces`: those that a role may name.
std::vector<PrincipalSettings> read_principals(ReadContext& context, SectionReader& root,
                                               const std::vector<WorkspaceSettings>& workspaces);
HttpSettings read_http(ReadContext& context, SectionReader& root);
AuditSettings read_audit(ReadContext& context, SectionReader& root);
LogSettings read_log(ReadContext& context, SectionReader& root);

}  // namespace kist::core
