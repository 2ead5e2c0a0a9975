// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <kist/models.hpp>

namespace kist::core {

/// True if the query's principal may see the row and the row fits its conditions, whatever the
/// slice (FL-2 to FL-5). Of an unreadable row only what is known counts: a condition on what is
/// not known does not hold, and a row of no known workspace is seen by those who see all.
bool matches(const ListQuery& query, const SecretMetadata& row);

/// The order of a listing (FL-6). `descending` turns the order by field around, not that by id.
bool comes_before(Field sort, bool descending, const SecretMetadata& a, const SecretMetadata& b);

}  // namespace kist::core
