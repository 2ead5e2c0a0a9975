// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include <kist/secret_value.hpp>

namespace kist::core {

/// Environment variables by name. `main` takes them from the process once, and hands them down. Any
/// may be a secret: their texts are wiped when freed, those of a copy too.
class Environment {
 public:
  using Variables = std::map<std::string, SecretValue, std::less<>>;

  Environment() = default;
  Environment(std::initializer_list<std::pair<std::string_view, std::string_view>> variables);
  Environment(const Environment& other);
  Environment(Environment&&) = default;
  Environment& operator=(const Environment& other) { return *this = Environment(other); }
  Environment& operator=(Environment&&) = default;
  ~Environment() = default;

  /// Sets it here, and not in the process.
  void set(std::string_view name, std::string_view text);

  /// In the order of their names.
  const Variables& variables() const { return variables_; }
  /// Null: it is not set.
  const SecretValue* find(std::string_view name) const;
  /// find(), for a variable that may hold a secret: of the process's own, it is forgotten, unless
  /// programs need it, such as HOME. Only while the process has one thread.
  const SecretValue* find_secret(std::string_view name) const;

  friend Environment take_environment_of_process();

 private:
  Variables variables_;
  bool of_process_ = false;
};

/// What the process was started with. Of a name that is there twice, the first counts, as for
/// getenv(). Those that set options of stores are forgotten. Only while the process has one thread.
Environment take_environment_of_process();

/// Overwrites the variable where the process was given it, and unsets it: /proc/PID/environ no
/// longer shows it, and no child inherits it. Only while the process has one thread.
void forget_environment_variable(std::string_view name);

}  // namespace kist::core
