// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include <kist/secret_value.hpp>

namespace kist::core {

/// A key manager that answers over a network takes seconds; who waits longer has no host.
inline constexpr std::chrono::milliseconds kKeyCommandDeadline = std::chrono::seconds(30);

/// Runs a program, without a shell, and gives what it writes to standard output, up to `bytes_max`.
/// It has no standard input, our standard error and environment, and no other open file of ours; it
/// is in a process group of its own, all of which is killed when the time is up.
/// Errors: failed_precondition: it cannot be run, does not end with 0, or writes more; unavailable:
/// it has not ended in time. The message is the end of a sentence: "ended with 3".
SecretValue run_key_command(const std::vector<std::string>& arguments, std::size_t bytes_max,
                            std::chrono::milliseconds deadline);

}  // namespace kist::core
