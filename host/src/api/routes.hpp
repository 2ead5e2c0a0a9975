// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/path.hpp"
#include "http/request.hpp"

namespace kist::api {

enum class Action {
  create_secret,
  list_secrets,
  get_secret,
  update_secret,
  delete_secret,
  secrets_operation,
  info,
  version,
  current_user,
  workspaces,
  workspace,
  store,
  plugins,
  health,
  ready,
  metrics,
  openapi,
};

enum class Access {
  open,       ///< Anybody.
  principal,  ///< Whoever the host knows; what they may do is for SecretsService to say.
  admin,      ///< Who is an admin in every workspace.
};

/// Where a route is answered.
enum class Place {
  here,           ///< On the thread that read the request: nothing in it blocks.
  here_if_local,  ///< There, if the store answers without the network.
  pool,           ///< On a thread that may block.
  ready,          ///< Here, unless the store must be asked.
};

/// A parameter, as /openapi.json describes it.
struct Parameter {
  std::string_view name;
  std::string_view in;      ///< "path", "query" or "header".
  std::string_view schema;  ///< JSON.
  std::string_view description;
};

/// A row of the one table that requests are dispatched by and /openapi.json is made from.
struct Route {
  Action action;
  http::Method method;
  std::string_view pattern;
  std::string_view audited_as;  ///< The action of its audit records; empty: it has none.
  Access access;
  Place place;
  std::string_view summary;
  std::string_view body;   ///< The schema of its body; empty: it reads none.
  std::string_view reply;  ///< The schema of 200; "text": it is no JSON.
  std::span<const Parameter> parameters;
  std::span<const int> statuses;  ///< Beside 200 and those of every route.
};

std::span<const Route> routes() noexcept;

/// The action of a get that told no values.
inline constexpr std::string_view kMetadataAction = "secret.get_metadata";

/// All that may stand in a record, in their order: those of routes, and what is none of theirs.
std::vector<std::string_view> audited_actions();

/// The method as HTTP writes it; that of a route.
std::string_view method_name(http::Method method) noexcept;

/// What a request asks for.
struct RouteMatch {
  const Route* route = nullptr;
  std::string_view parameter;  ///< What stands for the {…} of the pattern.
  std::string allow;  ///< Without a route: the methods that the path has; none: no such path.
};

/// Finds routes. Does not change after construction; any thread.
class RouteTable {
 public:
  RouteTable();

  /// HEAD is answered as GET.
  RouteMatch find(http::Method method, const Path& path) const;

 private:
  struct Entry {
    const Route* route;
    std::array<std::string_view, Path::kMaxKept> segments;
    std::size_t size;
  };
  static bool matches(const Entry& entry, const Path& path, std::string_view& parameter);

  std::vector<Entry> entries_;
};

}  // namespace kist::api
