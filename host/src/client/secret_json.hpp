// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include <boost/json/value.hpp>

#include "secrets/secrets_service.hpp"

namespace kist::client {

/// Told of each workspace and owner that a reply names.
using NameSink = std::function<void(const Uuid& id, const std::string& name)>;

struct Names {
  NameSink workspace, principal;
};

/// What the replies of a server hold. Errors: unavailable: it is not what a Kist server answers.
core::ShownSecret read_secret(const boost::json::value& body, const Names& names);
core::Page read_page(const boost::json::value& body, const Names& names);
Uuid read_id(const boost::json::value& body);
/// A string member of an object.
std::string read_text(const boost::json::value& body, std::string_view key);

/// The bodies of requests, in wiped memory.
detail::SecretBuffer create_body(const core::NewSecret& wanted, const Uuid& id);
detail::SecretBuffer update_body(const core::SecretChange& change);

}  // namespace kist::client
