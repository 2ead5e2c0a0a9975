// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <boost/json/storage_ptr.hpp>
#include <boost/json/value.hpp>

#include "client/http_client.hpp"

namespace kist::client {

inline constexpr std::string_view kApiPath = "/api/v1";

/// A reply whose body is JSON.
struct JsonReply {
  unsigned status = 0;
  boost::json::value body;
};

/// A server of Kist: its replies are JSON, and its errors are ours.
class Server {
 public:
  explicit Server(ServerSettings settings) : client_(std::move(settings)) {}

  /// Sends a request, and gives what a good reply holds. `storage` is that of the result:
  /// core::secret_storage() where values may be in it. Errors: ServerError; those of
  /// HttpClient::exchange().
  boost::json::value ask(Call& call, const HttpRequest& request,
                         boost::json::storage_ptr storage = {});
  boost::json::value get(Call& call, std::string target, boost::json::storage_ptr storage = {});
  /// The same, whatever the status, for what says with it how the server is: /ready.
  JsonReply look(Call& call, std::string target);

  const ServerAddress& address() const { return client_.address(); }

 private:
  [[noreturn]] void fail(const HttpReply& reply, bool writes) const;
  boost::json::value parsed(const HttpReply& reply, bool writes,
                            boost::json::storage_ptr storage) const;

  HttpClient client_;
};

/// `text` as it stands in a path or a query: all but letters, digits and "-._~" as %XX.
std::string url_encoded(std::string_view text);

}  // namespace kist::client
