// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace kist::core::testing {

/// A token of alice's, and what is kept of it, computed with Python's hmac:
/// HMAC(HMAC(key, "alice"), token).
constexpr const char* kSampleToken =
    "kist_abcdefgh_abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrst";
constexpr const char* kSampleTokenHash =
    "v1.abcdefgh.000102030405060708090a0b0c0d0e0f."
    "3db86efcb86f3aa3e317bbb64315251e8df03501c6cc447e12f065c4172316d3";

}  // namespace kist::core::testing
