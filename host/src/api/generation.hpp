// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <boost/json/value.hpp>

#include "access/authenticator.hpp"
#include "api/directory_json.hpp"
#include "config/http_limits.hpp"
#include "secrets/directory.hpp"
#include "secrets/secrets_service.hpp"

namespace kist::api {

/// What one configuration makes of the server: everything that a reload replaces. A request keeps
/// the one that it began with until it is answered. Made by serve/, in the order of its members.
class Generation {
 public:
  virtual ~Generation() = default;

  virtual const core::Directory& directory() const = 0;
  /// Of directory().
  virtual const DirectoryJson& directory_json() const = 0;
  virtual const core::Authenticator& authenticator() const = 0;
  virtual core::SecretsService& service() const = 0;
  virtual SecretsStoreInterface& store() const = 0;
  virtual const core::HttpLimits& limits() const = 0;
  virtual const Uuid& deployment_id() const = 0;
  virtual const std::string& store_type() const = 0;
  /// It answers without the network, so that a get may run where the request was read.
  virtual bool store_is_local() const = 0;
  /// What GET /store and GET /plugins say.
  virtual boost::json::value describe_store() const = 0;
  virtual boost::json::value describe_plugins() const = 0;
};

/// Gives the one in force. Any thread.
class Generations {
 public:
  virtual ~Generations() = default;
  virtual std::shared_ptr<const Generation> current() const = 0;
};

}  // namespace kist::api
