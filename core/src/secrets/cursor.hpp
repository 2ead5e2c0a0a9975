// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <kist/models.hpp>

#include "secrets/list_request.hpp"

namespace kist::core {

/// Keeps clients from making cursors of their own. Hosts that share a store and serve the same
/// clients share the key too; a new key ends all cursors.
using CursorKey = std::array<std::uint8_t, 32>;

/// A key that nobody else has. Errors: internal: the system gives no randomness.
CursorKey new_cursor_key();

/// The opaque text that says where a page ended (FL-8): the sort field and the id of its last row,
/// under an HMAC-SHA-256 that also covers the filter, the order and the principal. It is readable
/// to whoever decodes it, and says no more than the row that its holder has seen.
std::string make_cursor(const CursorKey& key, const Uuid& principal, const ListRequest& request,
                        const SecretMetadata& last);

/// The row that `request.cursor` stands behind: only its `id` and sort field are set. The page size
/// may differ from that of the page before.
/// Errors: invalid_argument: it was not made by make_cursor() for this key, principal, filter and
/// order.
SecretMetadata read_cursor(const CursorKey& key, const Uuid& principal, const ListRequest& request);

}  // namespace kist::core
