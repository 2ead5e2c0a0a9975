// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <charconv>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

#include <kist/error.hpp>
#include <kist/secret_value.hpp>
#include <kist/types.h>

namespace kist {

/// The base of a store's configuration: a struct whose members are named, once, in a table
/// `fields`. From that table come the manifest, the host's check of the configuration file, and the
/// reading of the options.
struct SecretsStoreConfiguration {};

/// What a table of fields says of one option.
struct FieldSpec {
  static constexpr std::size_t kChoicesMax = 16;

  std::string_view name;
  std::string_view description;
  std::uint32_t kind = KIST_OPTION_STRING;
  bool is_required = false;
  bool is_secret = false;
  bool has_default = false;
  std::string_view default_text = {};
  std::int64_t default_integer = 0;  // A boolean's too.
  bool has_range = false;
  std::int64_t min = 0, max = 0;
  std::array<std::string_view, kChoicesMax> choices = {};
  std::size_t choice_count = 0;
};

namespace detail {

template <class Member>
struct OptionType {
  static_assert(
      sizeof(Member) == 0,
      "an option's member is a std::string, a SecretValue, a std::filesystem::path, a bool, an "
      "integer, std::chrono::milliseconds, or a std::optional of one of these");
};
template <>
struct OptionType<std::string> {
  static constexpr std::uint32_t kind = KIST_OPTION_STRING;
  static std::string read(std::string_view text) { return std::string(text); }
};
template <>
struct OptionType<SecretValue> {
  static constexpr std::uint32_t kind = KIST_OPTION_STRING;
  static SecretValue read(std::string_view text) { return SecretValue(text); }
};
template <>
struct OptionType<std::filesystem::path> {
  static constexpr std::uint32_t kind = KIST_OPTION_PATH;
  static std::filesystem::path read(std::string_view text) { return text; }
};
template <>
struct OptionType<bool> {
  static constexpr std::uint32_t kind = KIST_OPTION_BOOLEAN;
  static bool read(std::string_view text) { return text == "true"; }
};
template <std::integral Integer>
struct OptionType<Integer> {
  static constexpr std::uint32_t kind = KIST_OPTION_INTEGER;
  static Integer read(std::string_view text) {
    Integer value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
      throw Error(ErrorCode::invalid_argument, "an integer option does not fit its member");
    }
    return value;
  }
};
template <>
struct OptionType<std::chrono::milliseconds> {
  static constexpr std::uint32_t kind = KIST_OPTION_INTEGER;
  static std::chrono::milliseconds read(std::string_view text) {
    return std::chrono::milliseconds(OptionType<std::int64_t>::read(text));
  }
};
template <class Member>
struct OptionType<std::optional<Member>> : OptionType<Member> {};

template <auto Member>
struct MemberOf;
template <class Config, class Type, Type Config::*Member>
struct MemberOf<Member> {
  using type = Type;
  template <class Target>
  static void assign(Target& target, std::string_view text) {
    target.*Member = OptionType<Type>::read(text);
  }
};

}  // namespace detail

/// One row of the table: the member, its name in the configuration, and what is asked of it.
template <auto Member>
struct ConfigurationField {
  using Type = typename detail::MemberOf<Member>::type;
  FieldSpec spec;

  constexpr ConfigurationField required() const {
    ConfigurationField copy = *this;
    copy.spec.is_required = true;
    return copy;
  }
  /// Shown nowhere, and kept in wiped memory. A SecretValue is secret by its type.
  constexpr ConfigurationField secret() const {
    ConfigurationField copy = *this;
    copy.spec.is_secret = true;
    return copy;
  }
  constexpr ConfigurationField default_value(std::string_view text) const {
    ConfigurationField copy = *this;
    copy.spec.has_default = true;
    copy.spec.default_text = text;
    return copy;
  }
  template <std::integral Integer>
  constexpr ConfigurationField default_value(Integer value) const {
    ConfigurationField copy = *this;
    copy.spec.has_default = true;
    copy.spec.default_integer = static_cast<std::int64_t>(value);
    return copy;
  }
  /// Both ends are allowed.
  constexpr ConfigurationField range(std::int64_t min, std::int64_t max) const {
    ConfigurationField copy = *this;
    copy.spec.has_range = true;
    copy.spec.min = min;
    copy.spec.max = max;
    return copy;
  }
  template <class... Texts>
  constexpr ConfigurationField choices(Texts... texts) const {
    static_assert(sizeof...(Texts) <= FieldSpec::kChoicesMax);
    ConfigurationField copy = *this;
    copy.spec.choices = {std::string_view(texts)...};
    copy.spec.choice_count = sizeof...(Texts);
    return copy;
  }
};

/// Declares that `Member` is the option `name`. The kind follows from the member's type:
/// std::string, SecretValue, std::filesystem::path, bool, an integer, std::chrono::milliseconds, or
/// an optional of these.
template <auto Member>
constexpr ConfigurationField<Member> field(std::string_view name, std::string_view description) {
  using Type = typename detail::MemberOf<Member>::type;
  constexpr bool secret =
      std::is_same_v<Type, SecretValue> || std::is_same_v<Type, std::optional<SecretValue>>;
  return {{.name = name,
           .description = description,
           .kind = detail::OptionType<Type>::kind,
           .is_secret = secret}};
}

template <class... Fields>
constexpr std::tuple<Fields...> fields(Fields... rows) {
  return {rows...};
}

/// Fills a configuration with the options that the host has checked; those without text stay as the
/// struct has them. Errors: invalid_argument, if the host did not keep to the manifest.
template <class Config>
Config read_configuration(std::span<const kist_option> options) {
  Config config;
  const auto read_one = [&]<auto Member>(const ConfigurationField<Member>& row) {
    for (const kist_option& option : options) {
      if (std::string_view(static_cast<const char*>(option.name.data), option.name.size) !=
          row.spec.name)
        continue;
      detail::MemberOf<Member>::assign(
          config, {static_cast<const char*>(option.text.data), option.text.size});
      return;
    }
    if (row.spec.is_required) {
      throw Error(ErrorCode::invalid_argument, "the host gave no text for the required option '" +
                                                   std::string(row.spec.name) + "'");
    }
  };
  std::apply([&](const auto&... rows) { (read_one(rows), ...); }, Config::fields);
  return config;
}

}  // namespace kist
