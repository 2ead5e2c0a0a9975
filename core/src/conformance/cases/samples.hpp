// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <kist/models.hpp>

namespace kist::conformance {

/// How long a call may take that has no business to be slow. Not a measure of speed.
inline constexpr std::chrono::seconds kPatience{60};

Uuid random_id();
/// The id that ends with `number`, the same in every process.
Uuid numbered_id(std::uint64_t number);
Timestamp at(std::int64_t microseconds);

using Pairs = std::initializer_list<std::pair<std::string_view, std::string_view>>;

SecretValues values_of(Pairs pairs);
SecretPatch patch_of(Pairs set, std::initializer_list<std::string_view> removed = {});

/// A secret with an id of its own in workspace 1, owned by user 1, in the workspace scope.
Secret secret_named(std::string_view name, Pairs pairs = {{"user", "anna"}, {"password", "p"}});

/// An update of nothing but `updated`; add to it.
SecretUpdate update_of(const Uuid& id);

/// All that there is to know, in one line, so that a failed comparison shows what differs. Values
/// are shortened.
std::string text_of(const SecretMetadata& row);
std::string text_of(const Secret& secret);

/// Strings that look alike, or that some back-end takes for something else: no two are the same
/// name (AT-03, AT-48). All are legal names.
std::span<const std::string_view> awkward_names();

std::string repeated(std::string_view text, std::size_t count);

}  // namespace kist::conformance
