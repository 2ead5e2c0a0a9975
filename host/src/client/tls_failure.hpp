// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <kist/error.hpp>

#include "client/server_address.hpp"

struct ssl_st;
struct x509_st;

namespace kist::client {

/// What OpenSSL's queue of errors holds, as the end of a sentence. Empties it.
std::string tls_reason();

/// Whether the first error of the queue says that the other side refuses our certificate, or that
/// there is none.
bool is_refusal_of_certificate();

/// Empties the queue.
Error certificate_refused(const std::string& peer);

/// Why a handshake failed, in words that say what to do. `refused` is the certificate that did not
/// pass, or null. Empties OpenSSL's queue.
Error handshake_failure(ssl_st* tls, x509_st* refused, const ServerAddress& address);

}  // namespace kist::client
