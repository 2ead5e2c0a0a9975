// SPDX-License-Identifier: Apache-2.0
#include "cli/failure.hpp"

#include <new>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "cli/command.hpp"
#include "cli/json_output.hpp"
#include "cli/standard_streams.hpp"
#include "client/server_error.hpp"
#include "loader/plugin_search.hpp"
#include "secrets/error_table.hpp"

namespace kist::cli {
namespace {

struct Report {
  Error error;
  std::vector<std::string> details;  // For people: lines below the message.
  std::vector<std::string> trail;    // For programs.
  std::string request_id = {};       // Of a server's error.
};

Report report_of(const std::exception& failure) {
  if (const auto* const search = dynamic_cast<const core::PluginNotFound*>(&failure))
    return {*search, search->trail, search->trail};
  if (const auto* const error = dynamic_cast<const ErrorWithTrail*>(&failure))
    return {*error, error->trail, error->trail};
  if (const auto* const error = dynamic_cast<const client::ServerError*>(&failure)) {
    std::vector<std::string> details;
    if (error->code == ErrorCode::unauthenticated)
      details.push_back("the token comes from KIST_TOKEN, or a file: --token-file PATH");
    if (error->retry_after.count() > 0)
      details.push_back("try again in " +
                        std::to_string((error->retry_after.count() + 999) / 1000) + " s");
    if (!error->request_id.empty()) details.push_back("request " + error->request_id);
    return {*error, std::move(details), {}, error->request_id};
  }
  if (const auto* const usage = dynamic_cast<const UsageError*>(&failure)) {
    std::vector<std::string> details;
    if (!usage->hint.empty()) details.push_back(usage->hint);
    return {*usage, std::move(details), {}};
  }
  if (const auto* const error = dynamic_cast<const Error*>(&failure)) return {*error, {}, {}};
  if (dynamic_cast<const std::bad_alloc*>(&failure) != nullptr)
    return {Error(ErrorCode::resource_exhausted, "there is not enough memory"), {}, {}};
  return {Error(ErrorCode::internal, std::string("a bug: ") + failure.what()), {}, {}};
}

void write_report(const Report& report, bool as_json) {
  const Error& error = report.error;
  if (!as_json) {
    write_notice(std::string(to_string(error.code)) + ": " + std::string(error.message()));
    for (const std::string& line : report.details) write_detail(line);
    return;
  }
  boost::json::object members{{"code", to_string(error.code)},
                              {"message", json_text(error.message())}};
  if (!report.request_id.empty()) members["request_id"] = json_text(report.request_id);
  if (!report.trail.empty()) {
    auto& trail = members["trail"].emplace_array();
    for (const std::string& line : report.trail) trail.push_back(json_text(line));
  }
  write_error_text(json_line(boost::json::object{{"error", std::move(members)}}));
}

}  // namespace

int report_failure(const std::exception& failure, bool as_json) {
  const Report report = report_of(failure);
  if (dynamic_cast<const OutputClosed*>(&failure) == nullptr) write_report(report, as_json);
  return core::error_row(report.error.code).exit_code;
}

int report_unknown_failure(bool as_json) {
  return report_failure(Error(ErrorCode::internal, "a bug: something unknown was thrown"), as_json);
}

}  // namespace kist::cli
