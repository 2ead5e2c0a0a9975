// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string_view>

#include <kist/error.hpp>

#include "api/json_writer.hpp"
#include "http/exchange.hpp"

namespace kist::api {

/// The status that an error is answered with.
int status_of(const Error& error);

/// Makes `reply` the one shape that every error has, whatever it was before. `more` adds members.
void set_error(http::Reply& reply, const Error& error, std::string_view request_id,
               const std::function<void(JsonWriter&)>& more = {});

}  // namespace kist::api
