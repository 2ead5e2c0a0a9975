// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include <kist/models.hpp>

#include "cli/session.hpp"
#include "client/secrets_access.hpp"

namespace kist::cli {

enum class Values { hidden, revealed };

/// One secret: its fields and its keys, with the values or without. As JSON it has the shape that
/// HTTP gives it: hidden values are null.
void write_secret(const Session& session, const client::SecretsAccess& access, const Secret& secret,
                  Values values);

/// "Created secret 'db' (workspace scope, 2 keys), revision 1, id …"; as JSON the secret itself.
void write_change(const Session& session, const client::SecretsAccess& access,
                  std::string_view what, const Secret& secret);

void write_page(const Session& session, const client::SecretsAccess& access,
                const core::Page& page);

}  // namespace kist::cli
