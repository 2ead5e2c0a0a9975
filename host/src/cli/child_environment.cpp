// SPDX-License-Identifier: Apache-2.0
#include "cli/child_environment.hpp"

#include <unistd.h>

#include <algorithm>

#include <kist/error.hpp>

#include "text/printable.hpp"

namespace kist::cli {
namespace {

constexpr std::string_view kDeciding[] = {"BASH_ENV",   "CLASSPATH",         "ENV",
                                          "GCONV_PATH", "GLIBC_TUNABLES",    "IFS",
                                          "LOCPATH",    "NLSPATH",           "NODE_OPTIONS",
                                          "PATH",       "PERL5LIB",          "PERL5OPT",
                                          "PERLLIB",    "PROMPT_COMMAND",    "PS4",
                                          "PYTHONHOME", "PYTHONPATH",        "PYTHONSTARTUP",
                                          "RUBYLIB",    "RUBYOPT",           "SHELLOPTS",
                                          "BASHOPTS",   "JAVA_TOOL_OPTIONS", "NODE_PATH",
                                          "ZDOTDIR"};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

std::string_view name_in(std::string_view variable) {
  return variable.substr(0, variable.find('='));
}

}  // namespace

bool is_variable_name(std::string_view name) {
  return !name.empty() && is_letter(name[0]) &&
         std::ranges::all_of(name, [](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

bool decides_what_runs(std::string_view name) {
  return name.starts_with("LD_") || name.starts_with("BASH_FUNC_") || name.starts_with("GIT_") ||
         name.starts_with("OPENSSL_") || std::ranges::find(kDeciding, name) != std::end(kDeciding);
}

void ChildEnvironment::set(const std::string& name, std::string_view value,
                           const std::string& source) {
  if (!is_variable_name(name))
    throw Error(ErrorCode::invalid_argument,
                core::in_quotes(name) + " is no name of a variable, for " + source +
                    "; expected letters, digits and '_', and no digit at the start");
  if (const auto found = sources_.find(name); found != sources_.end())
    throw Error(ErrorCode::invalid_argument,
                "variable " + name + " is given two values: " + found->second + ", and " + source);
  if (value.find('\0') != std::string_view::npos)
    throw Error(ErrorCode::invalid_argument, source + " holds a NUL byte, and no variable can");
  if (name.size() + 1 + value.size() > kVariableBytesMax)
    throw Error(ErrorCode::invalid_argument, source + " has " + std::to_string(value.size()) +
                                                 " bytes; a variable with its name has at most " +
                                                 std::to_string(kVariableBytesMax));
  detail::SecretBuffer text;
  text.reserve(name.size() + value.size() + 2);
  text.append(name);
  text.append("=");
  text.append(value);
  text.append(std::string_view("", 1));
  values_.emplace(name, SecretValue(std::move(text)));
  sources_.emplace(name, source);
}

std::vector<char*> ChildEnvironment::pointers() {
  std::vector<char*> result;
  passed_on_.clear();
  for (const std::string& variable : inherited_.variables) {
    if (!values_.contains(std::string(name_in(variable)))) passed_on_.push_back(variable);
  }
  for (std::string& variable : passed_on_) result.push_back(variable.data());
  for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
    if (!values_.contains(std::string(name_in(*entry)))) result.push_back(*entry);
  }
  // exec() takes what it does not change as if it would.
  for (const auto& [name, text] : values_)
    result.push_back(const_cast<char*>(text.reveal().data()));
  result.push_back(nullptr);
  return result;
}

}  // namespace kist::cli
