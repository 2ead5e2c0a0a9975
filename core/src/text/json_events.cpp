// SPDX-License-Identifier: Apache-2.0
#include "text/json_events.hpp"

#include <cstdint>

#include <boost/json/basic_parser_impl.hpp>

#include <kist/secret_value.hpp>

namespace kist::core {
namespace {

namespace json = boost::json;

/// Puts the parts of keys and texts together. The names are those that the parser calls.
class Joiner {
 public:
  static constexpr std::size_t max_object_size = SIZE_MAX;
  static constexpr std::size_t max_array_size = SIZE_MAX;
  static constexpr std::size_t max_key_size = SIZE_MAX;
  static constexpr std::size_t max_string_size = SIZE_MAX;

  explicit Joiner(JsonEvents& events) : events_(events) {}

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

  bool on_object_begin(json::error_code&) { return events_.object_begin(), true; }
  bool on_object_end(std::size_t, json::error_code&) { return events_.object_end(), true; }
  bool on_array_begin(json::error_code&) { return events_.array_begin(), true; }
  bool on_array_end(std::size_t, json::error_code&) { return events_.array_end(), true; }

  bool on_key_part(json::string_view part, std::size_t, json::error_code&) { return keep(part); }
  bool on_key(json::string_view part, std::size_t, json::error_code&) {
    events_.key(whole(part));
    parts_.truncate(0);
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) { return keep(part); }
  bool on_string(json::string_view part, std::size_t, json::error_code&) {
    events_.text(whole(part));
    parts_.truncate(0);
    return true;
  }

  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t, json::string_view, json::error_code&) { return number(); }
  bool on_uint64(std::uint64_t, json::string_view, json::error_code&) { return number(); }
  bool on_double(double, json::string_view, json::error_code&) { return number(); }
  bool on_bool(bool, json::error_code&) { return events_.scalar(JsonScalar::boolean), true; }
  bool on_null(json::error_code&) { return events_.scalar(JsonScalar::null), true; }

 private:
  bool keep(json::string_view part) {
    parts_.append({part.data(), part.size()});
    return true;
  }
  /// Most come in one part, and need no copy.
  std::string_view whole(json::string_view last) {
    if (parts_.size() == 0) return {last.data(), last.size()};
    keep(last);
    return {parts_.data(), parts_.size()};
  }
  bool number() { return events_.scalar(JsonScalar::number), true; }

  JsonEvents& events_;
  detail::SecretBuffer parts_;  // Of the key or text that is being read.
};

}  // namespace

JsonFault read_json(std::string_view text, std::size_t depth_max, JsonEvents& events) {
  json::parse_options options;
  options.max_depth = depth_max;
  json::basic_parser<Joiner> parser(options, events);
  json::error_code error;
  const std::size_t consumed = parser.write_some(false, text.data(), text.size(), error);
  if (error == json::error::too_deep) return JsonFault::depth;
  return error || consumed < text.size() ? JsonFault::syntax : JsonFault::none;
}

}  // namespace kist::core
