// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

namespace kist::api::testing {

/// Holds replies against an OpenAPI document, to the letter: what the document does not name is a
/// fault. Knows the keywords that ours uses, and takes another for a fault of the document.
class OpenApiCheck {
 public:
  explicit OpenApiCheck(boost::json::value document) : document_(std::move(document)) {}

  /// What is wrong with a reply; empty: nothing. `path` is that of the request or a template,
  /// without the query; `body` is empty for HEAD.
  std::string fault_of_reply(std::string_view method, std::string_view path, int status,
                             std::string_view content_type, std::string_view body) const;

  /// The template of a path: "/api/v1/secrets/{id}"; empty: there is none.
  std::string template_of(std::string_view path) const;

  /// What is wrong with `value` by the schema of that name.
  std::string fault_of(const boost::json::value& value, std::string_view schema_name) const;

  const boost::json::value& document() const { return document_; }

 private:
  const boost::json::value& resolved(const boost::json::value& node) const;
  std::string fault(const boost::json::value& value, const boost::json::value& schema,
                    const std::string& where) const;

  boost::json::value document_;
};

/// A doctest check of a reply of this build.
void check_reply(std::string_view method, std::string_view path, int status,
                 std::string_view content_type, std::string_view body);

/// "GET /api/v1/secrets/{id} 200" of each reply that was checked so far.
std::set<std::string>& checked_replies();

}  // namespace kist::api::testing
