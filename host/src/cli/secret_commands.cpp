// SPDX-License-Identifier: Apache-2.0
#include "cli/secret_commands.hpp"

#include <unistd.h>

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "cli/secret_arguments.hpp"
#include "cli/secret_output.hpp"
#include "cli/secrets_here.hpp"
#include "cli/standard_streams.hpp"
#include "cli/terminal.hpp"
#include "cli/value_sources.hpp"
#include "text/printable.hpp"

namespace kist::cli {
namespace {

constexpr OptionSpec kWorkspace{"workspace", "W",
                                "the workspace, by name or id (default 'default')"};
constexpr OptionSpec kOnlyWorkspace{"workspace", "W",
                                    "only this workspace, by name or id (default: all)"};
constexpr OptionSpec kOfScope{
    "scope", "S", "'workspace' or 'user': chooses the secret, if both scopes have the name"};
constexpr OptionSpec kIfRevision{"if-revision", "N", "only if the secret still has this revision"};

core::SecretPlace place_of(const Arguments& arguments) {
  return {arguments.one("workspace"), scope_argument(arguments)};
}

int create(Session& session, const Arguments& arguments) {
  core::NewSecret wanted;
  wanted.name = arguments.words[0];
  wanted.scope = scope_argument(arguments).value_or(Scope::workspace);
  wanted.workspace = arguments.one("workspace");
  wanted.id = id_argument(arguments);
  wanted.values = read_values(arguments, session);
  const auto secrets = open_secrets(session);
  InterruptibleCall call(session.interrupts, session.timeout);
  const Secret created = secrets->create(*call, wanted);
  tell_of_change([&] { write_change(session, *secrets, "Created", created); });
  return 0;
}

/// The bytes and nothing else; a terminal gets a newline behind them.
void write_value(const Secret& secret, const std::string& key) {
  const auto value = secret.values.find(key);
  if (!value)
    throw Error(ErrorCode::not_found,
                "secret " + core::in_quotes(secret.name) + " has no key " + core::in_quotes(key));
  write_output(value->reveal());
  if (::isatty(STDOUT_FILENO) == 1) write_output("\n");
}

int get(Session& session, const Arguments& arguments) {
  const auto key = arguments.one("key");
  if (key && session.json())
    throw UsageError("--key prints bare bytes; leave out --output json, or use --reveal");
  const core::SecretPlace place = place_of(arguments);
  const auto secrets = open_secrets(session);
  InterruptibleCall call(session.interrupts, session.timeout);
  const core::ShownSecret found = secrets->find(*call, arguments.words[0], place);
  const bool wants_values = key || arguments.has("reveal");
  if (wants_values && found.values_hidden)
    throw Error(
        ErrorCode::permission_denied,
        "the values of secret " + core::in_quotes(found.secret.name) + " are not yours to see");
  if (key)
    write_value(found.secret, *key);
  else
    write_secret(session, *secrets, found.secret, wants_values ? Values::revealed : Values::hidden);
  return 0;
}

int list(Session& session, const Arguments& arguments) {
  std::vector<core::ListParameter> parameters = list_parameters(arguments);
  const auto secrets = open_secrets(session);
  InterruptibleCall call(session.interrupts, session.timeout);
  if (const auto workspace = arguments.one("workspace"))
    parameters.push_back({"workspace_id", secrets->workspace_id(*call, workspace).to_string()});
  const core::Page page = secrets->list(*call, parameters);
  write_page(session, *secrets, page);
  return 0;
}

core::SecretChange change_of(const Arguments& arguments, const Session& session) {
  core::SecretChange change;
  change.name = arguments.one("rename");
  change.scope = scope_argument(arguments);
  change.if_revision = revision_argument(arguments);
  change.replace_values = arguments.has("replace");
  SecretPatch patch = read_values(arguments, session);
  if (change.replace_values && !arguments.all("remove").empty())
    throw UsageError("--replace leaves no key that --remove could remove; use one of them");
  if (change.replace_values && patch.empty())
    throw UsageError("--replace needs the values that are to replace all others");
  for (const std::string& key : arguments.all("remove")) {
    for (std::size_t i = 0; i < patch.size(); ++i) {
      if (patch.key(i) == key && !patch.removes(i))
        throw UsageError("key " + core::in_quotes(key) + " is both set and removed");
    }
    patch.remove(key);
  }
  if (!patch.empty()) change.values = std::move(patch);
  if (!change.values && !change.name && !change.scope)
    throw UsageError("there is nothing to change; give a value, --remove, --rename or --scope",
                     "see 'kist secret update --help'");
  return change;
}

int update(Session& session, const Arguments& arguments) {
  const core::SecretChange change = change_of(arguments, session);
  const auto secrets = open_secrets(session);
  InterruptibleCall call(session.interrupts, session.timeout);
  const SecretMetadata found =
      secrets->find_metadata(*call, arguments.words[0], {arguments.one("workspace"), std::nullopt});
  const Secret updated = secrets->update(*call, found.id, change);
  tell_of_change([&] { write_change(session, *secrets, "Updated", updated); });
  return 0;
}

void confirm(const Session& session, const SecretMetadata& secret) {
  if (!standard_input_is_terminal())
    throw UsageError(
        "deleting a secret has to be confirmed, and standard input is no terminal; "
        "use --yes");
  const std::string question = "Delete secret " + core::in_quotes(secret.name, 4096) + " (" +
                               std::string(to_string(secret.scope)) + " scope, revision " +
                               std::to_string(secret.revision) + ")? [y/N] ";
  if (!ask_yes_or_no(question, session.interrupts))
    throw Error(ErrorCode::cancelled, "nothing was deleted");
}

int remove(Session& session, const Arguments& arguments) {
  const core::SecretPlace place = place_of(arguments);
  const auto revision = revision_argument(arguments);
  const auto secrets = open_secrets(session);
  const SecretMetadata found = [&] {
    InterruptibleCall call(session.interrupts, session.timeout);
    return secrets->find_metadata(*call, arguments.words[0], place);
  }();
  if (!arguments.has("yes")) confirm(session, found);
  InterruptibleCall call(session.interrupts, session.timeout);
  secrets->remove(*call, found.id, revision);
  tell_of_change([&] {
    write_output(session.json() ? "null\n"
                                : "Deleted secret " + core::in_quotes(found.name, 4096) + ", id " +
                                      found.id.to_string() + "\n");
  });
  return 0;
}

std::vector<OptionSpec> with_value_options(std::vector<OptionSpec> more) {
  std::vector<OptionSpec> options(value_options().begin(), value_options().end());
  options.insert(options.end(), more.begin(), more.end());
  return options;
}

Command create_command() {
  return {.words = "secret create",
          .arguments = "NAME [KEY=VALUE ...]",
          .summary = "Stores a new secret",
          .details = std::string(kValueHelp),
          .examples = {"kist secret create db user=app --from-file password=./password",
                       "kist secret create db user=app password",
                       "pass show db | kist secret create db password=-",
                       "kist secret create ci --from-env-file .env --scope user"},
          .options = with_value_options(
              {{"scope", "S", "'workspace' (the default), or 'user': seen by its owner alone"},
               kWorkspace,
               {"id", "UUID", "the secret's id, so that the command can be repeated safely"}}),
          .words_min = 1,
          .words_max = kAnyNumber,
          .plain_words_max = 1,
          .server = true,
          .run = create};
}

Command get_command() {
  return {.words = "secret get",
          .arguments = "NAME",
          .summary = "Shows a secret, without its values unless asked",
          .details =
              "NAME is a name or an id. With --reveal, a table shows control characters as \\xNN; "
              "JSON is exact,\nand gives a value that is no UTF-8 as {\"base64\": \"...\"}. With "
              "--key, the bytes of one value are all\nthat is printed, and a newline behind them "
              "only on a terminal.\n",
          .examples = {"kist secret get db --key password", "kist secret get db",
                       "kist secret get db --reveal --output json"},
          .options = {{"key", "KEY", "print the value of this key, and nothing else"},
                      {"reveal", "", "show the values"},
                      kOfScope,
                      kWorkspace},
          .words_min = 1,
          .words_max = 1,
          .server = true,
          .run = get};
}

Command list_command() {
  return {
      .words = "secret list",
      .summary = "Lists secrets, never their values",
      .details =
          "EXPR is OPERATOR:VALUE, or a value, which must be equal. Operators of names, scopes "
          "and ids: equals,\nnotequals, contains, startswith, endswith, oneof (a JSON list); of "
          "times, as '2026-03-01 12:00:00' (UTC)\nor RFC 3339: equals, notequals, gt, gte, lt, "
          "lte, in (two, with a comma). All filters must hold.\n",
      .examples = {"kist secret list --name startswith:db- --sort desc:updated",
                   "kist secret list --created 'gte:2026-01-01 00:00:00' --size 100",
                   "kist secret list --output json"},
      .options = {{"name", "EXPR", "only such names", true},
                  {"id", "EXPR", "only such ids", true},
                  {"scope", "EXPR", "only this scope", true},
                  kOnlyWorkspace,
                  {"created", "EXPR", "only those of that time", true},
                  {"updated", "EXPR", "only those of that time", true},
                  {"or", "", "one filter is enough"},
                  {"sort", "[desc:]FIELD", "any field but the values (default created)"},
                  {"page", "N", "which page, from 1"},
                  {"cursor", "C", "the page behind the one that printed this"},
                  {"size", "N", "secrets on a page, 1 to 10000 (default 20)"}},
      .server = true,
      .run = list};
}

Command update_command() {
  return {.words = "secret update",
          .arguments = "NAME [KEY=VALUE ...]",
          .summary = "Changes what is named, and leaves all else",
          .details =
              "NAME is a name or an id. --scope is the new scope, so a name that both scopes "
              "have needs the id.\n\n" +
              std::string(kValueHelp),
          .examples = {"kist secret update db --from-file password=./password",
                       "kist secret update db --remove user --rename database",
                       "kist secret update db --if-revision 3 password=- < password"},
          .options = with_value_options({{"remove", "KEY", "remove a key", true},
                                         {"replace", "", "the given values replace all others"},
                                         {"rename", "NEW", "the new name"},
                                         {"scope", "S", "the new scope, 'workspace' or 'user'"},
                                         kIfRevision,
                                         kWorkspace}),
          .words_min = 1,
          .words_max = kAnyNumber,
          .plain_words_max = 1,
          .server = true,
          .run = update};
}

Command delete_command() {
  return {.words = "secret delete",
          .arguments = "NAME",
          .summary = "Deletes a secret, after asking",
          .details = "NAME is a name or an id.\n",
          .examples = {"kist secret delete db", "kist secret delete db --yes --if-revision 3"},
          .options = {{"yes", "", "do not ask"}, kIfRevision, kOfScope, kWorkspace},
          .words_min = 1,
          .words_max = 1,
          .server = true,
          .run = remove};
}

}  // namespace

std::vector<Command> secret_commands() {
  return {create_command(), get_command(), list_command(), update_command(), delete_command()};
}

}  // namespace kist::cli
