// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include <kist/secret_value.hpp>

#include "cli/interrupts.hpp"

namespace kist::cli {

bool standard_input_is_terminal();

/// Shows `question` and reads one line from the terminal without showing it. The terminal is as it
/// was afterwards, whatever happens. A line may be as long as any value: the kernel's own line
/// editing would cut it at 4095 bytes. Errors: cancelled: a signal, or the end of input;
/// resource_exhausted: more than `bytes_max`.
SecretValue ask_for_secret(const std::string& question, std::size_t bytes_max,
                           const Interrupts& interrupts);

/// True for "y" and "yes". Errors: cancelled: a signal.
bool ask_yes_or_no(const std::string& question, const Interrupts& interrupts);

}  // namespace kist::cli
