// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace kist::api {

/// A JSON schema (2020-12) of what goes in or comes out.
struct Schema {
  std::string_view name;
  std::string_view json;
};

/// All of them; each `reply` and `body` of a route names one.
std::span<const Schema> schemas() noexcept;

}  // namespace kist::api
