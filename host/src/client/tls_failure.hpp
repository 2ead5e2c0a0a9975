// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <kist/error.hpp>

#include "client/server_address.hpp"

struct ssl_st;

namespace kist::client {

/// What OpenSSL's queue of errors holds, as the end of a sentence. Empties it.
std::string tls_reason();

/// Why a handshake failed, in words that say what to do: of the certificate, if that is the cause.
/// Empties OpenSSL's queue.
Error handshake_failure(ssl_st* tls, const ServerAddress& address);

}  // namespace kist::client
