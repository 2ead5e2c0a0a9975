// SPDX-License-Identifier: Apache-2.0
#include "config/environment.hpp"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace kist::core {
namespace {

constexpr std::array<std::string_view, 2> kStorePrefixes = {"KIST_SECRETS_STORE_",
                                                            "KIST_BACKUP_SECRETS_STORE_"};

/// What programs that Kist starts look for, a keyring's command for one. No secret has such a name.
constexpr std::array<std::string_view, 10> kNeededByPrograms = {
    "HOME", "LANG", "LOGNAME", "PATH", "PWD", "SHELL", "TERM", "TMPDIR", "TZ", "USER"};

bool sets_store_option(std::string_view name) {
  return std::ranges::any_of(kStorePrefixes,
                             [&](std::string_view prefix) { return name.starts_with(prefix); });
}

}  // namespace

Environment::Environment(
    std::initializer_list<std::pair<std::string_view, std::string_view>> variables) {
  for (const auto& [name, text] : variables) variables_.emplace(name, SecretValue(text));
}

Environment::Environment(const Environment& other) : of_process_(other.of_process_) {
  for (const auto& [name, text] : other.variables_)
    variables_.emplace_hint(variables_.end(), name, text.clone());
}

void Environment::set(std::string_view name, std::string_view text) {
  variables_.insert_or_assign(std::string(name), SecretValue(text));
}

const SecretValue* Environment::find(std::string_view name) const {
  const auto found = variables_.find(name);
  return found == variables_.end() ? nullptr : &found->second;
}

const SecretValue* Environment::find_secret(std::string_view name) const {
  const SecretValue* const found = find(name);
  if (found != nullptr && of_process_ &&
      std::ranges::find(kNeededByPrograms, name) == kNeededByPrograms.end())
    forget_environment_variable(name);
  return found;
}

Environment take_environment_of_process() {
  Environment environment;
  environment.of_process_ = true;
  for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    environment.variables_.emplace(text.substr(0, equals), SecretValue(text.substr(equals + 1)));
  }
  for (const auto& [name, text] : environment.variables_) {
    if (sets_store_option(name)) forget_environment_variable(name);
  }
  return environment;
}

void forget_environment_variable(std::string_view name) {
  for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    if (text.substr(0, text.find('=')) != name || text.size() == name.size()) continue;
    wipe(*entry + name.size() + 1, text.size() - name.size() - 1);
  }
  ::unsetenv(std::string(name).c_str());
}

}  // namespace kist::core
