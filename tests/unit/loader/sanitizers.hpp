// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a sanitizer itself keeps a few tests from: the rest of the suite runs under it.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define KIST_TEST_UNDER_TSAN 1
#endif
#if __has_feature(address_sanitizer)
#define KIST_TEST_UNDER_ASAN 1
#endif
#endif

namespace kist::test {

/// ThreadSanitizer answers sigaction() itself, with another mask and other flags than were set.
#if defined(KIST_TEST_UNDER_TSAN) || defined(__SANITIZE_THREAD__)
inline constexpr bool kUnderTsan = true;
#else
inline constexpr bool kUnderTsan = false;
#endif

/// UndefinedBehaviorSanitizer, which runs beside it, finds out through a pipe whether an object can
/// be read, and without a free descriptor takes every object for none.
#if defined(KIST_TEST_UNDER_ASAN) || defined(__SANITIZE_ADDRESS__)
inline constexpr bool kUnderAsan = true;
#else
inline constexpr bool kUnderAsan = false;
#endif

}  // namespace kist::test
