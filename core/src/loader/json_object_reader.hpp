// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

namespace kist::core {

/// A set of characters and a length that a text must keep to.
struct TextForm {
  std::string_view description;  ///< As in "expected 1 to 64 of a-z 0-9 _ -".
  std::size_t min_bytes, max_bytes;
  std::string_view letters = {};  ///< The characters allowed; empty: all.

  bool fits(std::string_view text) const;
};

/// Reads the members of one JSON object, each by name, and complains in one manner:
/// "manifest: 'stores[0].type' is 'Dir', expected 1 to 64 of a-z 0-9 _ -".
/// Borrows the object. A member that nobody asked for is an error of finish().
class JsonObjectReader {
 public:
  /// `place` is the object's own name in messages ("stores[0]"), empty for the document.
  /// Errors: invalid_argument, `value` is not an object.
  JsonObjectReader(const boost::json::value& value, std::string place);

  /// Null: there is no such member.
  const boost::json::value* find(std::string_view name);
  const boost::json::value& require(std::string_view name, std::string_view expected);

  std::string text(std::string_view name, const TextForm& form);           ///< Absent: an error.
  std::string optional_text(std::string_view name, const TextForm& form);  ///< Absent: empty.
  std::uint64_t number(std::string_view name, std::uint64_t min, std::uint64_t max);
  std::optional<std::int64_t> optional_integer(std::string_view name);
  bool optional_flag(std::string_view name);  ///< Absent: false.

  /// The elements of an array of `min` to `max`; absent is an empty one.
  const boost::json::array& list(std::string_view name, std::size_t min, std::size_t max);

  std::string place_of(std::string_view name) const;
  [[noreturn]] void refuse(std::string_view name, std::string_view expected) const;

  /// Errors: invalid_argument, for a member that was not asked for, but for names that start with
  /// "x-".
  void finish() const;

 private:
  const boost::json::object* object_;
  std::string place_;
  std::vector<std::string_view> asked_;
};

/// Throws "manifest: '<place>' is <value>, expected <expected>"; a null value is "is missing".
[[noreturn]] void refuse_member(std::string_view place, const boost::json::value* value,
                                std::string_view expected);

}  // namespace kist::core
