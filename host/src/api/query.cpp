// SPDX-License-Identifier: Apache-2.0
#include "api/query.hpp"

#include <algorithm>
#include <string>

#include <kist/error.hpp>

#include "api/percent_encoding.hpp"
#include "secrets/invalid_parameter.hpp"
#include "text/printable.hpp"
#include "text/suggestion.hpp"

namespace kist::api {
namespace {

std::string decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  if (!percent_decode(text, Plus::space, out))
    throw Error(
        ErrorCode::invalid_argument,
        "the query holds a '%' without two hexadecimal digits behind it: " + core::in_quotes(text));
  if (!core::is_utf8(out) || out.find('\0') != std::string::npos)
    throw Error(ErrorCode::invalid_argument,
                "the query holds what is no text in UTF-8 without NUL: " + core::in_quotes(out));
  return out;
}

}  // namespace

Parameters parse_query(std::string_view query) {
  Parameters parameters;
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    if (pair.empty()) continue;
    if (parameters.size() == kMaxParameters)
      throw Error(ErrorCode::invalid_argument,
                  "the query has more than " + std::to_string(kMaxParameters) + " parameters");
    const std::size_t equals = pair.find('=');
    parameters.push_back({decoded(pair.substr(0, equals)), equals == std::string_view::npos
                                                               ? std::string()
                                                               : decoded(pair.substr(equals + 1))});
  }
  return parameters;
}

const core::ListParameter* find_parameter(const Parameters& parameters, std::string_view name) {
  const core::ListParameter* found = nullptr;
  for (const core::ListParameter& parameter : parameters) {
    if (parameter.name != name) continue;
    if (found != nullptr)
      throw core::InvalidParameter("parameter '" + parameter.name + "' is given a second time",
                                   {parameter.name, core::printable(parameter.value), {}});
    found = &parameter;
  }
  return found;
}

std::optional<bool> boolean_parameter(const Parameters& parameters, std::string_view name) {
  const core::ListParameter* const found = find_parameter(parameters, name);
  if (found == nullptr) return std::nullopt;
  return core::read_boolean(*found);
}

void refuse_misspelt(const Parameters& parameters, std::span<const std::string_view> known) {
  for (const core::ListParameter& parameter : parameters) {
    if (std::find(known.begin(), known.end(), parameter.name) != known.end()) continue;
    const auto meant = core::nearest(parameter.name, known);
    if (meant)
      throw core::InvalidParameter("there is no parameter " + core::in_quotes(parameter.name) +
                                       "; did you mean " + core::in_quotes(*meant) + "?",
                                   {core::printable(parameter.name), "", {std::string(*meant)}});
  }
}

}  // namespace kist::api
