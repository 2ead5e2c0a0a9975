/* SPDX-License-Identifier: Apache-2.0
 *
 * kist/sdk_version.h - which SDK and tools built a plugin; for the manifest.
 */
#ifndef KIST_SDK_VERSION_H
#define KIST_SDK_VERSION_H

#include <stddef.h> /* For __GLIBC__. */

#define KIST_SDK_VERSION "0.1.0"

#define KIST_TEXT_(x) #x
#define KIST_TEXT(x) KIST_TEXT_(x)

#if defined(__clang__)
#define KIST_BUILD_COMPILER "clang " KIST_TEXT(__clang_major__) "." KIST_TEXT(__clang_minor__)
#elif defined(__GNUC__)
#define KIST_BUILD_COMPILER "gcc " KIST_TEXT(__GNUC__) "." KIST_TEXT(__GNUC_MINOR__)
#else
#define KIST_BUILD_COMPILER "unknown"
#endif

#if defined(__GLIBC__)
#define KIST_BUILD_LIBC "glibc " KIST_TEXT(__GLIBC__) "." KIST_TEXT(__GLIBC_MINOR__)
#elif defined(_UCRT)
#define KIST_BUILD_LIBC "ucrt"
#elif defined(__MSVCRT__)
#define KIST_BUILD_LIBC "msvcrt"
#else
#define KIST_BUILD_LIBC "unknown"
#endif

#if defined(__x86_64__)
#define KIST_BUILD_ARCH "x86_64"
#elif defined(__aarch64__)
#define KIST_BUILD_ARCH "aarch64"
#else
#define KIST_BUILD_ARCH "unknown"
#endif

#endif
