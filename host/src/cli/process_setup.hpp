// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace kist::cli {

/// What must hold before anything else runs: descriptors 0 to 2 are open, so that no file of ours
/// gets such a number; new files are for their owner alone; a closed pipe is an error and no
/// signal; no core dump holds secrets; and the environment names no code for the dynamic linker or
/// the C library to load (AT-21). Call it first, on the only thread.
/// Errors: permission_denied: the program is set-user-id, which it is not made for.
void prepare_process();

}  // namespace kist::cli
