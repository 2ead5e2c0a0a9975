// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

// Which rule a faulty plugin breaks. The tests write it into a copy of the file, so that one binary
// serves them all.

// NOLINTNEXTLINE: the compiler must not know what it holds.
__attribute__((used)) inline const volatile char fault_text[] = "KIST_FAULT=none....";

inline bool fault_is(std::string_view rule) noexcept {
  const volatile char* at = fault_text + sizeof("KIST_FAULT=") - 1;
  for (const char c : rule)
    if (*at++ != c) return false;
  return *at == '.';
}
