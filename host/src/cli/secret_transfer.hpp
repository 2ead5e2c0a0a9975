// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.hpp"
#include "cli/secret_file.hpp"
#include "cli/session.hpp"

namespace kist::cli {

/// What --format names. Errors: UsageError.
const FileFormat& format_argument(const Arguments& arguments);

int export_secrets(Session& session, const Arguments& arguments);
int import_secrets(Session& session, const Arguments& arguments);

}  // namespace kist::cli
