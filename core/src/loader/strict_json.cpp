// SPDX-License-Identifier: Apache-2.0
#include "loader/strict_json.hpp"

#include <set>
#include <string>
#include <vector>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>

#include <kist/error.hpp>

#include "text/printable.hpp"

namespace kist::core {
namespace {

namespace json = boost::json;

// Builds the value as boost::json::parser does, and looks at every key and string on its way. The
// functions and limits are those that boost::json::basic_parser asks for.
class StrictHandler {
 public:
  static constexpr std::size_t max_object_size = 1024;
  static constexpr std::size_t max_array_size = 1024;
  static constexpr std::size_t max_key_size = 256;
  static constexpr std::size_t max_string_size = 65536;

  json::value release() { return stack_.release(); }
  const std::string& complaint() const { return complaint_; }

  bool on_document_begin(json::error_code&) {
    stack_.reset();
    return true;
  }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) {
    keys_.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t count, json::error_code&) {
    keys_.pop_back();
    stack_.push_object(count);
    return true;
  }
  bool on_array_begin(json::error_code&) { return true; }
  bool on_array_end(std::size_t count, json::error_code&) {
    stack_.push_array(count);
    return true;
  }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
    text_.append(part.data(), part.size());
    return true;
  }
  bool on_key(json::string_view part, std::size_t, json::error_code& error) {
    text_.append(part.data(), part.size());
    if (!check_text(error)) return false;
    if (!keys_.back().insert(text_).second)
      return refuse("the key '" + text_ + "' stands twice", error);
    stack_.push_key(text_);
    text_.clear();
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
    text_.append(part.data(), part.size());
    return true;
  }
  bool on_string(json::string_view part, std::size_t, json::error_code& error) {
    text_.append(part.data(), part.size());
    if (!check_text(error)) return false;
    stack_.push_string(text_);
    text_.clear();
    return true;
  }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t number, json::string_view, json::error_code&) {
    stack_.push_int64(number);
    return true;
  }
  bool on_uint64(std::uint64_t number, json::string_view, json::error_code&) {
    stack_.push_uint64(number);
    return true;
  }
  bool on_double(double number, json::string_view, json::error_code&) {
    stack_.push_double(number);
    return true;
  }
  bool on_bool(bool truth, json::error_code&) {
    stack_.push_bool(truth);
    return true;
  }
  bool on_null(json::error_code&) {
    stack_.push_null();
    return true;
  }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  bool check_text(json::error_code& error) {
    if (is_printable(text_)) return true;
    return refuse("a string holds a control character", error);
  }
  bool refuse(std::string complaint, json::error_code& error) {
    complaint_ = std::move(complaint);
    error = json::error::exception;  // Any error stops the parser; the complaint says which it was.
    return false;
  }

  json::value_stack stack_;
  std::vector<std::set<std::string>> keys_;  // One set for each object that is still open.
  std::string text_;                         // The key or the string that is being read.
  std::string complaint_;
};

}  // namespace

json::value parse_strict_json(std::string_view text, std::size_t max_depth) {
  json::parse_options options;
  options.max_depth = max_depth;
  json::basic_parser<StrictHandler> parser(options);
  json::error_code error;
  const std::size_t end = parser.write_some(false, text.data(), text.size(), error);
  if (!error && end < text.size()) error = json::error::extra_data;
  if (!error) return parser.handler().release();

  const std::string& complaint = parser.handler().complaint();
  throw Error(ErrorCode::invalid_argument, "byte " + std::to_string(end) + ": " +
                                               (complaint.empty() ? error.message() : complaint));
}

}  // namespace kist::core
