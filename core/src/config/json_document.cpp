// SPDX-License-Identifier: Apache-2.0
#include "config/json_document.hpp"

#include <algorithm>
#include <utility>

#include <boost/json/basic_parser_impl.hpp>

#include <kist/error.hpp>

#include "config/json_cursor.hpp"
#include "config/json_syntax_error.hpp"
#include "text/printable.hpp"

namespace kist::core {
namespace {

namespace json = boost::json;

/// Turns the parser's events into a tree. The cursor is told of each, and so knows where it was.
class TreeBuilder {
 public:
  static constexpr std::size_t max_object_size = kJsonBytesMax;
  static constexpr std::size_t max_array_size = kJsonBytesMax;
  static constexpr std::size_t max_key_size = kJsonBytesMax;
  static constexpr std::size_t max_string_size = kJsonBytesMax;

  TreeBuilder(JsonDocument& document, std::string_view text) : document_(document), cursor_(text) {}

  const JsonCursor& cursor() const { return cursor_; }
  JsonSyntax syntax() const { return syntax_; }

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }
  bool on_number_part(json::string_view, json::error_code&) { return true; }

  bool on_object_begin(json::error_code&) { return open(JsonKind::object); }
  bool on_array_begin(json::error_code&) { return open(JsonKind::array); }
  bool on_object_end(std::size_t, json::error_code&) {
    refuse_duplicates(*open_.back());
    return close();
  }
  bool on_array_end(std::size_t, json::error_code&) { return close(); }

  bool on_key_part(json::string_view part, std::size_t, json::error_code&) { return append(part); }
  bool on_key(json::string_view part, std::size_t, json::error_code&) {
    append(part);
    const SourcePosition position = cursor_.take_token();
    open_.back()->members.push_back({std::string(buffer_.data(), buffer_.size()), position, {}});
    buffer_.truncate(0);
    syntax_ = JsonSyntax::after_key;
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
    return append(part);
  }
  bool on_string(json::string_view part, std::size_t, json::error_code&) {
    append(part);
    add(JsonKind::string).text = SecretValue(std::string_view(buffer_.data(), buffer_.size()));
    buffer_.truncate(0);
    return true;
  }
  bool on_int64(std::int64_t value, json::string_view, json::error_code&) {
    add(JsonKind::integer).integer = value;
    return true;
  }
  bool on_uint64(std::uint64_t, json::string_view, json::error_code&) {
    add(JsonKind::number);  // Only what is past 2^63 - 1 comes here.
    return true;
  }
  bool on_double(double, json::string_view, json::error_code&) {
    add(JsonKind::number);
    return true;
  }
  bool on_bool(bool value, json::error_code&) {
    add(JsonKind::boolean).boolean = value;
    return true;
  }
  bool on_null(json::error_code&) {
    add(JsonKind::null);
    return true;
  }

 private:
  bool append(json::string_view part) {
    buffer_.append({part.data(), part.size()});
    return true;
  }

  JsonNode& add(JsonKind kind) {
    JsonNode& node = place();
    node.kind = kind;
    node.position = cursor_.take_token();
    after_value();
    return node;
  }

  /// Where the value that now comes belongs. It stays there until it is complete: its parent's
  /// vector grows only with the next value.
  JsonNode& place() {
    if (open_.empty()) return document_.root;
    JsonNode& parent = *open_.back();
    if (parent.kind == JsonKind::object) return parent.members.back().value;
    return parent.elements.emplace_back();
  }

  bool open(JsonKind kind) {
    open_.push_back(&add(kind));
    syntax_ = kind == JsonKind::object ? JsonSyntax::object_begin : JsonSyntax::array_begin;
    return true;
  }

  bool close() {
    cursor_.take_token();
    open_.pop_back();
    after_value();
    return true;
  }

  void after_value() {
    if (open_.empty())
      syntax_ = JsonSyntax::end;
    else if (open_.back()->kind == JsonKind::object)
      syntax_ = JsonSyntax::after_member;
    else
      syntax_ = JsonSyntax::after_element;
  }

  void refuse_duplicates(const JsonNode& object) const {
    std::vector<const JsonMember*> sorted;
    for (const JsonMember& member : object.members) sorted.push_back(&member);
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto* a, const auto* b) { return a->key < b->key; });
    const auto twin =
        std::adjacent_find(sorted.begin(), sorted.end(),
                           [](const auto* a, const auto* b) { return a->key == b->key; });
    if (twin == sorted.end()) return;
    const JsonMember& first = **twin;
    const JsonMember& second = **std::next(twin);
    throw Error(ErrorCode::invalid_argument,
                document_.at(second.position) + ": the key " + in_quotes(second.key) +
                    " is already given at line " + std::to_string(first.position.line));
  }

  JsonDocument& document_;
  JsonCursor cursor_;
  JsonSyntax syntax_ = JsonSyntax::begin;
  std::vector<JsonNode*> open_;
  detail::SecretBuffer buffer_;  ///< The parts of the string or key that is being read.
};

[[noreturn]] void refuse_comment(const JsonDocument& document, std::string_view text,
                                 std::size_t offset, std::string_view reason) {
  JsonCursor cursor(text);
  cursor.advance_to(offset);
  throw Error(ErrorCode::invalid_argument,
              document.at(cursor.position()) + ": a comment " + std::string(reason));
}

void check_comment(const JsonDocument& document, std::string_view text, std::size_t begin,
                   std::size_t end) {
  const std::string_view comment = text.substr(begin, end - begin);
  if (comment[1] == '*' && (comment.size() < 4 || !comment.ends_with("*/"))) {
    refuse_comment(document, text, begin, "is not closed");
  }
  std::size_t offset = 0;
  while (offset < comment.size()) {
    const std::size_t size = utf8_sequence_size(comment.substr(offset));
    if (size == 0) refuse_comment(document, text, begin + offset, "is not UTF-8");
    offset += size;
  }
}

/// A copy whose comments are blanks, so that offsets stay.
detail::SecretBuffer without_comments(const JsonDocument& document, std::string_view text) {
  detail::SecretBuffer copy;
  copy.append(text);
  JsonCursor cursor(text);
  while (cursor.offset() < text.size()) {
    const std::size_t begin = cursor.offset();
    if (cursor.skip_comment()) {
      check_comment(document, text, begin, cursor.offset());
      std::fill(copy.data() + begin, copy.data() + cursor.offset(), ' ');
    } else {
      cursor.skip_string_or_character();
    }
  }
  return copy;
}

}  // namespace

std::string_view describe(JsonKind kind) {
  switch (kind) {
    case JsonKind::null:
      return "null";
    case JsonKind::boolean:
      return "a boolean";
    case JsonKind::integer:
      return "a whole number";
    case JsonKind::number:
      return "a number that is no whole one of 64 bits";
    case JsonKind::string:
      return "a string";
    case JsonKind::array:
      return "an array";
    case JsonKind::object:
      return "an object";
  }
  return "a value";
}

const JsonMember* JsonNode::member(std::string_view key) const {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [&](const JsonMember& member) { return member.key == key; });
  return found == members.end() ? nullptr : &*found;
}

std::string JsonDocument::at(SourcePosition position) const {
  return file + ":" + std::to_string(position.line) + ":" + std::to_string(position.column);
}

SecretValue without_json_comments(std::string_view text, std::string file) {
  return SecretValue(without_comments({std::move(file), {}}, text));
}

JsonDocument parse_json_document(std::string_view text, std::string file) {
  JsonDocument document{std::move(file), {}};
  if (text.size() > kJsonBytesMax) {
    throw Error(ErrorCode::invalid_argument,
                document.file + ": the file has " + std::to_string(text.size()) +
                    " bytes, and may have " + std::to_string(kJsonBytesMax));
  }
  if (text.starts_with("\xEF\xBB\xBF")) {
    throw Error(ErrorCode::invalid_argument,
                document.at({}) + ": the file begins with a byte order mark; save it without");
  }
  json::parse_options options;
  options.max_depth = kJsonDepthMax;
  const detail::SecretBuffer parsed = without_comments(document, text);
  json::basic_parser<TreeBuilder> parser(options, document, text);
  json::error_code error;
  const std::size_t consumed = parser.write_some(false, parsed.data(), parsed.size(), error);
  if (!error && consumed < text.size()) error = json::error::extra_data;
  if (error) {
    const TreeBuilder& builder = parser.handler();
    throw_json_syntax_error({document, text, builder.cursor(), builder.syntax(), consumed, error});
  }
  return document;
}

}  // namespace kist::core
