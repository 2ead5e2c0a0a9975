// SPDX-License-Identifier: Apache-2.0
#include "conformance/rules.hpp"

#include <algorithm>

namespace kist::core {
namespace {

constexpr std::string_view kRules[] = {
    "ST-1",  "ST-2",  "ST-3",  "ST-4",  "ST-5",  "ST-6",  "ST-7",  "ST-8",  "ST-9",  "ST-10",
    "ST-11", "ST-12", "ST-13", "ST-14", "ST-15", "ST-16", "ST-17", "ST-18", "ST-19", "ST-20",
    "ST-21", "FL-1",  "FL-2",  "FL-3",  "FL-4",  "FL-5",  "FL-6",  "FL-7",  "FL-8",  "FL-9",
    "KP-1",  "KP-2",  "KP-3",  "KP-4",  "KP-5",  "KP-6",  "KP-7",  "KP-8",  "KP-9",  "KP-10",
    "KP-11", "KP-12", "KP-13", "KP-14", "KP-15", "KP-16", "KP-17", "KP-18", "KP-19", "KP-20",
    "KP-21", "KP-22", "KP-23", "KP-24", "KP-25", "KP-26", "KP-27", "KP-28", "KP-29"};

}  // namespace

std::span<const std::string_view> all_rules() { return kRules; }

bool is_rule(std::string_view word) { return std::ranges::find(kRules, word) != std::end(kRules); }

}  // namespace kist::core
