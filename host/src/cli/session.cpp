// SPDX-License-Identifier: Apache-2.0
#include "cli/session.hpp"

#include <boost/json/object.hpp>

#include "cli/json_output.hpp"
#include "cli/standard_streams.hpp"
#include "log/log.hpp"

namespace kist::cli {

void Session::warn(std::string_view message) const {
  if (log != nullptr)
    log->warning("warning", {{"says", message}});
  else if (json())
    write_error_text(json_line(boost::json::object{{"warning", json_text(message)}}));
  else
    write_notice("warning: " + std::string(message));
}

void Session::notice(std::string_view message) const {
  if (log != nullptr)
    log->info("notice", {{"says", message}});
  else if (json())
    write_error_text(json_line(boost::json::object{{"notice", json_text(message)}}));
  else
    write_notice(message);
}

}  // namespace kist::cli
