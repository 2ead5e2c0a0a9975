// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>
#include <variant>

namespace kist::log {

/// What a line of the log says of one thing, without a copy: it is over with the call that logs it.
/// Neither a SecretValue nor a SecretView can be one.
class Value {
 public:
  // One constructor for each kind, and none that converts: a pointer must not become a boolean.
  template <std::same_as<bool> Bool>
  Value(Bool value) : value_(value) {}
  template <std::signed_integral Number>
  Value(Number value) : value_(std::int64_t{value}) {}
  template <std::unsigned_integral Number>
  requires(!std::same_as<Number, bool>) Value(Number value) : value_(std::uint64_t{value}) {}
  Value(double value) : value_(value) {}
  Value(std::string_view text) : value_(text) {}
  Value(const std::string& text) : value_(std::string_view(text)) {}
  Value(const char* text) : value_(std::string_view(text)) {}
  Value(const std::filesystem::path& path) : value_(std::string_view(path.native())) {}

  using Kinds = std::variant<bool, std::int64_t, std::uint64_t, double, std::string_view>;
  const Kinds& kinds() const noexcept { return value_; }

 private:
  Kinds value_;
};

/// `name` is of our own choice, in snake_case, and neither "time", "level" nor "message".
struct Field {
  std::string_view name;
  Value value;
};

}  // namespace kist::log
