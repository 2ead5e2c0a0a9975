// SPDX-License-Identifier: Apache-2.0
#include "import/value_map.hpp"

#include <cstddef>
#include <cstdint>

#include <boost/json/basic_parser_impl.hpp>

#include <kist/error.hpp>
#include <kist/secret_value.hpp>

namespace kist::core {
namespace {

namespace json = boost::json;

[[noreturn]] void refuse_kind() {
  throw Error(ErrorCode::invalid_argument, "one of its values is no string");
}

/// Takes the parser's events straight into wiped memory: a tree of the document would keep values
/// in places that nobody wipes.
class MapBuilder {
 public:
  static constexpr std::size_t max_object_size = SIZE_MAX;
  static constexpr std::size_t max_array_size = SIZE_MAX;
  static constexpr std::size_t max_key_size = SIZE_MAX;
  static constexpr std::size_t max_string_size = SIZE_MAX;

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

  bool on_object_begin(json::error_code&) {
    if (is_open_) refuse_kind();
    is_open_ = true;
    return true;
  }
  bool on_object_end(std::size_t, json::error_code&) { return true; }

  bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
    return append(key_, part);
  }
  bool on_key(json::string_view part, std::size_t, json::error_code&) { return append(key_, part); }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
    return append(value_, part);
  }
  bool on_string(json::string_view part, std::size_t, json::error_code&) {
    append(value_, part);
    if (!is_open_) refuse_document();
    add(text_of(key_), text_of(value_));
    key_.truncate(0);
    value_.truncate(0);
    return true;
  }

  bool on_array_begin(json::error_code&) { return refuse(); }
  bool on_array_end(std::size_t, json::error_code&) { return true; }
  bool on_number_part(json::string_view, json::error_code&) { return refuse(); }
  bool on_int64(std::int64_t, json::string_view, json::error_code&) { return refuse(); }
  bool on_uint64(std::uint64_t, json::string_view, json::error_code&) { return refuse(); }
  bool on_double(double, json::string_view, json::error_code&) { return refuse(); }
  bool on_bool(bool, json::error_code&) { return refuse(); }
  bool on_null(json::error_code&) { return refuse(); }

  SecretValues take(const Limits& limits) {
    check_size(keys_, bytes_, limits);
    for (const SecretValues::Entry entry : values_) check_key(entry.key);
    return std::move(values_);
  }

  [[noreturn]] static void refuse_document() {
    throw Error(ErrorCode::corrupt, "its values are no JSON object");
  }

 private:
  static bool append(detail::SecretBuffer& buffer, json::string_view part) {
    buffer.append({part.data(), part.size()});
    return true;
  }
  static std::string_view text_of(const detail::SecretBuffer& buffer) {
    return {buffer.data(), buffer.size()};
  }

  bool refuse() const {
    if (!is_open_) refuse_document();
    refuse_kind();
  }

  /// Counts all, and keeps what may pass the limits: each key is inserted in its order, which is no
  /// way to go through millions.
  void add(std::string_view key, std::string_view value) {
    ++keys_;
    bytes_ += key.size() + value.size();
    if (keys_ > kMaxKeys || bytes_ > kMaxSecretBytes) return;
    if (values_.find(key))
      throw Error(ErrorCode::invalid_argument, "one of its keys stands there twice");
    values_.set(key, value);
  }

  SecretValues values_;
  std::size_t keys_ = 0, bytes_ = 0;
  detail::SecretBuffer key_, value_;  ///< The parts of what is being read.
  bool is_open_ = false;
};

}  // namespace

SecretValues parse_value_map(std::string_view text, const Limits& limits) {
  json::basic_parser<MapBuilder> parser{json::parse_options()};
  json::error_code error;
  const std::size_t consumed = parser.write_some(false, text.data(), text.size(), error);
  if (error || consumed < text.size()) MapBuilder::refuse_document();
  return parser.handler().take(limits);
}

}  // namespace kist::core
