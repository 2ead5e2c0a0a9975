// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <kist/secret_value.hpp>

#include "cli/process_setup.hpp"

namespace kist::cli {

/// The longest "NAME=value" that Linux takes, without its end.
inline constexpr std::size_t kVariableBytesMax = (std::size_t{128} << 10) - 1;

/// The environment of a program that Kist starts: its own, without the variables that it has
/// forgotten because they hold secrets, and with values added.
class ChildEnvironment {
 public:
  explicit ChildEnvironment(const Inherited& inherited) : inherited_(inherited) {}

  /// `source` is what messages call the value: "key 'password' of secret 'db'". Errors:
  /// invalid_argument: the name is none, or has a value already; the value holds a NUL byte, or is
  /// too long.
  void set(const std::string& name, std::string_view value, const std::string& source);

  const std::map<std::string, SecretValue>& values() const { return values_; }
  /// For exec(); valid as long as this is, and the environment does not change.
  std::vector<char*> pointers();

 private:
  const Inherited& inherited_;
  std::map<std::string, SecretValue> values_;  // "NAME=value", with the NUL behind it.
  std::map<std::string, std::string> sources_;
  std::vector<std::string> passed_on_;
};

/// Whether a shell can name a variable so: letters, digits and '_', and no digit at its start.
bool is_variable_name(std::string_view name);

/// Whether a variable of this name decides what code a program runs.
bool decides_what_runs(std::string_view name);

}  // namespace kist::cli
