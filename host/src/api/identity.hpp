// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "access/authenticator.hpp"
#include "http/request.hpp"

namespace kist::api {

/// Who asks: the principal of the token, else of the client certificate, else of the Unix socket's
/// peer. Only the first of these that is shown counts: a bad token is nobody, whatever else is
/// there. Null: nobody whom the host knows.
const core::Principal* who_asks(const core::Authenticator& authenticator,
                                const http::Request& request, const http::Peer& peer,
                                Timestamp now);

}  // namespace kist::api
