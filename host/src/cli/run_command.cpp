// SPDX-License-Identifier: Apache-2.0
#include "cli/run_command.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "cli/failure.hpp"
#include "cli/program.hpp"
#include "cli/secret_arguments.hpp"
#include "cli/secrets_here.hpp"
#include "text/printable.hpp"

namespace kist::cli {
namespace {

std::string source_of(std::string_view key, const Secret& secret) {
  return "key " + core::in_quotes(key) + " of secret " + core::in_quotes(secret.name);
}

/// The secrets that a line names, each asked for once.
class NamedSecrets {
 public:
  NamedSecrets(Session& session, const Arguments& arguments)
      : session_(session),
        place_{arguments.one("workspace"), scope_argument(arguments)},
        secrets_(open_secrets(session)) {}

  /// Errors: not_found; permission_denied: the values are not ours to see.
  const Secret& find(const std::string& name) {
    if (const auto known = found_.find(name); known != found_.end()) return known->second;
    InterruptibleCall call(session_.interrupts, session_.timeout);
    core::ShownSecret shown = secrets_->find(*call, name, place_);
    if (shown.values_hidden)
      throw Error(
          ErrorCode::permission_denied,
          "the values of secret " + core::in_quotes(shown.secret.name) + " are not yours to see");
    return found_.emplace(name, std::move(shown.secret)).first->second;
  }

 private:
  Session& session_;
  core::SecretPlace place_;
  std::unique_ptr<client::SecretsAccess> secrets_;
  std::map<std::string, Secret> found_;
};

/// "password" → "PASSWORD".
std::string variable_for(std::string_view key, const std::string& prefix) {
  std::string name = prefix;
  for (const char c : key) {
    if (c >= 'a' && c <= 'z')
      name += static_cast<char>(c - 'a' + 'A');
    else
      name += c == '-' || c == '.' || c == '/' || c == ' ' ? '_' : c;
  }
  return name;
}

/// Every key of a secret becomes a variable. Whoever may write the secret chooses their names.
void add_secret(const Secret& secret, const std::string& prefix, ChildEnvironment& environment) {
  for (const SecretValues::Entry entry : secret.values) {
    const std::string name = variable_for(entry.key, prefix), source = source_of(entry.key, secret);
    if (decides_what_runs(name))
      throw Error(ErrorCode::failed_precondition,
                  source + " would be variable " + name +
                      ", which decides what code a program runs; use --prefix, or --map if that is "
                      "what you want");
    environment.set(name, entry.value.reveal(), source);
  }
}

/// `pair` is NAME=secret.key. Names and keys may hold dots: the longest name that there is counts.
void add_mapped(const std::string& pair, NamedSecrets& secrets, ChildEnvironment& environment) {
  const std::size_t equals = pair.find('=');
  std::size_t dot = pair.rfind('.');
  if (equals == std::string::npos || equals == 0 || dot == std::string::npos || dot < equals + 2 ||
      dot + 1 == pair.size())
    throw UsageError("--map is " + core::in_quotes(pair) + "; expected NAME=secret.key");
  const Secret* secret = nullptr;
  for (std::optional<Error> first; secret == nullptr;) {
    try {
      secret = &secrets.find(pair.substr(equals + 1, dot - equals - 1));
    } catch (const Error& error) {
      if (error.code != ErrorCode::not_found) throw;
      if (!first) first = error;
      const std::size_t next = pair.rfind('.', dot - 1);
      if (next == std::string::npos || next < equals + 2) throw Error(*first);
      dot = next;
    }
  }
  const std::string key = pair.substr(dot + 1);
  const auto value = secret->values.find(key);
  if (!value)
    throw Error(ErrorCode::not_found, "secret " + core::in_quotes(secret->name) + " has no key " +
                                          core::in_quotes(key) + ", which --map names");
  environment.set(pair.substr(0, equals), value->reveal(), source_of(key, *secret));
}

MaskedValues masked_values(const Session& session, const ChildEnvironment& environment) {
  MaskedValues masked;
  for (const auto& [name, text] : environment.values()) {
    std::string_view value = text.reveal();
    value.remove_prefix(name.size() + 1);
    value.remove_suffix(1);
    if (!masked.add(value))
      session.warn("the value of " + name + " is shorter than " + std::to_string(kMaskedBytesMin) +
                   " bytes, and is not masked");
  }
  return masked;
}

ChildEnvironment environment_of(Session& session, const Arguments& arguments) {
  ChildEnvironment environment(session.inherited);
  NamedSecrets secrets(session, arguments);
  const std::string prefix = arguments.one("prefix").value_or("");
  for (const std::string& name : arguments.all("secret"))
    add_secret(secrets.find(name), prefix, environment);
  for (const std::string& pair : arguments.all("map")) add_mapped(pair, secrets, environment);
  return environment;
}

int run(Session& session, const Arguments& arguments) {
  if (arguments.all("secret").empty() && arguments.all("map").empty())
    throw UsageError(
        "there is no secret for the command; give --secret NAME or --map "
        "NAME=secret.key",
        "see 'kist run --help'");
  if (arguments.has("prefix") && arguments.all("secret").empty())
    throw UsageError("--prefix is for --secret; --map names its variables itself");
  // The store is closed, or the connection to the server, before the command begins.
  Program program{arguments.words, environment_of(session, arguments), session.inherited};
  try {
    if (!arguments.has("mask")) become(program, session.interrupts);
    const MaskedValues masked = masked_values(session, program.environment);
    return run_masked(program, masked, session.interrupts);
  } catch (const ProgramFailed& failed) {
    report_failure(failed, session.json());
    return failed.exit_code;
  }
}

}  // namespace

std::vector<Command> run_commands() {
  return {{.words = "run",
           .arguments = "-- COMMAND [ARGUMENT ...]",
           .summary = "Runs a command with values of secrets in its environment",
           .details =
               "Kist becomes the command: signals, terminal, input and exit code are the command's "
               "own. "
               "With --mask, Kist\nstays between its output and yours, passes signals on, and ends "
               "with "
               "its exit code, or 128 and the signal\nthat ended it. A command that is not found "
               "ends in "
               "127, one that cannot be run in 126.\n\nThe command has your environment, but for "
               "KIST_TOKEN and the variables that Kist takes secrets from.\nMasking looks for the "
               "bytes "
               "of each value; it does not see a value that is encoded, cut or counted.\n",
           .examples = {"kist run --secret db -- ./app --port 8080",
                        "kist run --map PGPASSWORD=db.password -- psql -h db.example",
                        "kist run --secret ci --prefix CI_ --mask -- make deploy"},
           .options = {{"secret", "NAME", "every key of this secret, in upper case, as a variable",
                        true},
                       {"map", "NAME=secret.key", "this key as the variable NAME", true},
                       {"prefix", "TEXT", "what the names of --secret begin with: 'DB_'"},
                       {"mask", "",
                        "show '(masked)' in the command's output where a value would stand"},
                       {"scope", "S",
                        "'workspace' or 'user': chooses the secret, if both scopes have the name"},
                       {"workspace", "W", "the workspace, by name or id (default 'default')"}},
           .words_min = 1,
           .words_max = kAnyNumber,
           .server = true,
           .run = run}};
}

}  // namespace kist::cli
