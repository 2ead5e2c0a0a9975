// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "conformance/conformance_run.hpp"

namespace kist::core {

/// A case rests on more rules than the one that it is of: where a record is not stored as given,
/// no patch of it can come out right. A case that failed, and of which a rule that it rests on is
/// broken or a quirk, becomes `not_judged`, so that a report names the cause and not what follows
/// from it.
void attribute_failures(std::vector<CaseResult>& results);

}  // namespace kist::core
