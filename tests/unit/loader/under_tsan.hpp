// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace kist::test {

// ThreadSanitizer answers sigaction() itself, with another mask and other flags than were set.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define KIST_TEST_UNDER_TSAN 1
#endif
#endif
#if defined(KIST_TEST_UNDER_TSAN) || defined(__SANITIZE_THREAD__)
inline constexpr bool kUnderTsan = true;
#else
inline constexpr bool kUnderTsan = false;
#endif

}  // namespace kist::test
