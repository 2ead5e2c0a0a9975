// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "raw_host.hpp"
#include "samples.hpp"

namespace kist::conformance {

/// A new store that holds one secret, on which each operation can be done once so that it succeeds.
struct OperatedStore {
  OperatedStore();

  /// What there is of both secrets, in one text.
  std::string state();

  StoreHome home;
  RawHost host;
  RawStore store{host, home};
  const Secret existing = secret_named("existing");
  const Secret added = secret_named("added");
};

struct RawOperation {
  std::string_view name;
  bool writes;
  kist_status (*run)(OperatedStore&, RawCall&);
};

/// Create, get, list, update and delete.
std::span<const RawOperation> raw_operations();

}  // namespace kist::conformance
