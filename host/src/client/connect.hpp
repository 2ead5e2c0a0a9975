// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <kist/secrets_store_interface.hpp>

#include "client/server_address.hpp"
#include "loader/file_descriptor.hpp"

namespace kist::client {

/// Returns once `descriptor` is ready for `events` of poll(), or is broken.
/// Errors: cancelled, deadline_exceeded, of the call.
void wait_until_ready(Call& call, int descriptor, short events);

/// A connected socket that does not block. Plain HTTP goes to addresses of this machine alone,
/// unless `anywhere`: whoever is in between would read token and values.
/// Errors: unavailable: nothing is there; failed_precondition: plain HTTP to another machine;
/// cancelled, deadline_exceeded.
core::FileDescriptor connect_to(Call& call, const ServerAddress& address, bool anywhere);

}  // namespace kist::client
