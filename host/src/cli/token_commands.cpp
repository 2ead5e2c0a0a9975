// SPDX-License-Identifier: Apache-2.0
#include "cli/token_commands.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "access/token.hpp"
#include "cli/configured.hpp"
#include "cli/expiry_arguments.hpp"
#include "cli/json_output.hpp"
#include "cli/session.hpp"
#include "cli/standard_streams.hpp"
#include "cli/times.hpp"
#include "memory/secret_storage.hpp"
#include "secrets/principal.hpp"
#include "secrets/validation.hpp"
#include "text/printable.hpp"
#include "text/suggestion.hpp"

namespace kist::cli {
namespace {

constexpr std::string_view kEveryWorkspace = "*";

/// The principal whose token it is to be, as far as the configuration matters for it.
struct Place {
  std::string file;  ///< As a sentence names it.
  const core::PrincipalSettings* existing = nullptr;
  std::string default_workspace = "default";
};

/// Nothing: there is no file, or none that can be read. One that was named must be right.
std::optional<LoadedConfiguration> configuration_if_any(const Session& session) {
  const auto search = search_configuration(session);
  if (!search.file) return std::nullopt;
  try {
    return load_configuration(session);
  } catch (const Error& error) {
    if (!search.file->owner_matters) throw;
    session.warn("the configuration was not looked at: " + std::string(error.message()));
    return std::nullopt;
  }
}

Place place_of(const std::optional<LoadedConfiguration>& loaded, const std::string& name) {
  if (!loaded) return {"kist.json"};
  Place place{core::printable(loaded->found->path.native(), 4096)};
  const core::Configuration& configuration = loaded->configuration;
  for (const core::PrincipalSettings& principal : configuration.principals) {
    if (principal.name == name) place.existing = &principal;
  }
  const auto& workspaces = configuration.workspaces;
  if (std::ranges::find(workspaces, place.default_workspace, &core::WorkspaceSettings::name) ==
      workspaces.end())
    place.default_workspace = workspaces.front().name;
  return place;
}

std::string role_argument(const Arguments& arguments) {
  const std::string role = arguments.one("role").value_or("reader");
  constexpr std::string_view roles[] = {"lister", "reader", "writer", "admin"};
  if (!core::parse_role(role))
    throw UsageError("--role is " + core::in_quotes(role, 64) + core::allowed_words(role, roles));
  return role;
}

std::string workspace_argument(const Arguments& arguments, const Place& place,
                               const std::optional<LoadedConfiguration>& loaded) {
  const std::string name = arguments.one("workspace").value_or(place.default_workspace);
  if (name == kEveryWorkspace) return name;
  if (!loaded) return core::ValidatedName(name).text();
  std::vector<std::string_view> names = {kEveryWorkspace};
  for (const auto& workspace : loaded->configuration.workspaces) names.push_back(workspace.name);
  if (std::ranges::find(names, name) == names.end())
    throw UsageError("--workspace is " + core::in_quotes(name, 64) + ", which " + place.file +
                     " does not name" + core::allowed_words(name, names));
  return name;
}

/// As a string of the configuration: what would begin a reference there is written as itself.
std::string without_references(std::string_view text) {
  std::string written;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 2) == "${") written += '$';
    written += text[i];
  }
  return written;
}

std::string as_json(const boost::json::value& value) {
  std::string line = json_line(value);
  line.pop_back();
  return line;
}

/// `"name": "alice", "token_hash": "…"`: as people write it, from the member behind `from` on.
std::string members_of(const boost::json::object& object, std::string_view from) {
  std::string text;
  for (auto member = object.find(from); member != object.end(); ++member) {
    text += text.empty() ? "" : ", ";
    text += as_json(boost::json::value(member->key())) + ": ";
    const auto* const roles = member->value().if_object();
    text += roles == nullptr ? as_json(member->value())
                             : "{ " + members_of(*roles, roles->begin()->key()) + " }";
  }
  return text;
}

void write_for_people(const SecretValue& token, const boost::json::object& principal,
                      const Place& place) {
  detail::SecretBuffer text;
  text.append("The token, which is shown this once:\n\n  ");
  text.append(token.reveal());
  if (place.existing == nullptr) {
    text.append("\n\nFor \"principals\" in " + place.file + ":\n\n  { " +
                members_of(principal, "name") + " }\n");
  } else {
    text.append("\n\nFor the principal " + as_json(principal.at("name")) + " in " + place.file +
                (place.existing->token_hash ? ", in place of the token that it has" : "") +
                ":\n\n  " + members_of(principal, "token_hash") + "\n");
  }
  write_output({text.data(), text.size()});
}

void write_for_programs(const SecretValue& token, const boost::json::object& principal) {
  boost::json::object document(core::secret_storage());
  document["token"].emplace_string().assign(token.reveal());
  document["principal"] = principal;
  write_json(std::move(document));
}

void warn_of(const Session& session, const Place& place, const std::string& name,
             const std::optional<Timestamp>& expiry) {
  if (!expiry)
    session.warn("the token of " + core::in_quotes(name, 1024) +
                 " does not expire; --expires-in 90d gives one that does");
  if (place.existing != nullptr && place.existing->token_expires && !expiry)
    session.warn("take the 'token_expires' of the token before out of " + place.file);
}

int make_token(Session& session, const Arguments& arguments) {
  const Timestamp now =
      std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
  const std::string name = core::ValidatedName(arguments.words.at(0)).text();
  const auto expiry = expiry_argument(arguments, now);
  const std::string role = role_argument(arguments);
  const auto loaded = configuration_if_any(session);
  const Place place = place_of(loaded, name);
  if (place.existing != nullptr && (arguments.has("role") || arguments.has("workspace")))
    throw UsageError(place.file + " has a principal " + core::in_quotes(name, 1024) +
                     " with its roles; --role and --workspace are for a new one");

  const SecretValue token = core::new_token();
  boost::json::object principal{{"name", without_references(name)}};
  principal["token_hash"] = core::TokenHash::make(token.view(), name).to_string();
  if (expiry) principal["token_expires"] = second_for_programs(*expiry);
  if (place.existing == nullptr)
    principal["roles"] = boost::json::object{{workspace_argument(arguments, place, loaded), role}};
  warn_of(session, place, name, expiry);
  if (session.json())
    write_for_programs(token, principal);
  else
    write_for_people(token, principal, place);
  return 0;
}

}  // namespace

std::vector<Command> token_commands() {
  return {
      {.words = "token new",
       .arguments = "NAME",
       .summary = "Makes a token for the principal NAME, and the line of the configuration for it",
       .details =
           "The token is printed once, and kept nowhere. The configuration keeps a hash of it, "
           "which is bound to the name: it\nis of no use under another, and nobody can make the "
           "token from it. Nothing is changed: put the line into the\nconfiguration, and have the "
           "server read it again.\n\nA principal has one token. Where one is replaced, the one "
           "before is none from then on; for a time with both, make\na second "
           "principal.\n\nWithout "
           "--role the principal is a 'reader' in the default workspace; --workspace '*' stands "
           "for all.\n",
       .examples = {"kist token new deploy --expires-in 90d",
                    "kist token new alice --role writer --workspace research --expires-in 12h",
                    "kist token new ci --expires 2027-01-31T12:00:00Z --output json"},
       .options = {{"expires-in", "DURATION", "how long it is a token: 30s, 45m, 12h, 90d, 8w"},
                   {"expires", "TIME", "until when it is a token: 2027-01-31T12:00:00Z"},
                   {"role", "ROLE", "lister, reader (the default), writer or admin"},
                   {"workspace", "W", "where it has that role"}},
       .words_min = 1,
       .words_max = 1,
       .run = make_token}};
}

}  // namespace kist::cli
