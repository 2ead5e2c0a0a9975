// SPDX-License-Identifier: Apache-2.0
#include "cli/keys_commands.hpp"

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "cli/failure.hpp"
#include "cli/json_output.hpp"
#include "cli/key_listing.hpp"
#include "cli/keyring_place.hpp"
#include "cli/rewrap_command.hpp"
#include "cli/standard_streams.hpp"
#include "sealing/key_source.hpp"
#include "sealing/keyring_file.hpp"
#include "sealing/local_key.hpp"
#include "text/printable.hpp"

namespace kist::cli {
namespace {

/// What is said of a key that was made.
struct MadeKey {
  std::filesystem::path file;
  std::string id, fingerprint;
  bool current = true;
};

void warn_of(const Session& session, const KeyringPlace& place) {
  for (const std::string& warning : secrets_warnings(place.loaded)) session.warn(warning);
  warn_if_not_sealed(session, place);
}

MadeKey last_key_of(const std::filesystem::path& file) {
  const auto lines = core::read_keyring_file(file);
  if (!lines)
    throw Error(ErrorCode::failed_precondition, core::describe_keyring_file(file) + " has gone");
  return {file, *lines->back().id, core::fingerprint_of(lines->back().key.view())};
}

boost::json::object json_of(const MadeKey& key) {
  return {{"keyring", json_text(key.file.native())},
          {"id", key.id},
          {"fingerprint", key.fingerprint},
          {"current", key.current}};
}

std::string id_argument_of_key(const Arguments& arguments) {
  const std::string id = arguments.one("id").value_or(std::string(core::kFirstKeyId));
  if (!core::is_key_id(id))
    throw UsageError("--id is " + core::in_quotes(id) + "; expected 1 to " +
                     std::to_string(core::kMaxKeyIdBytes) + " of a-z A-Z 0-9 . _ -");
  return id;
}

/// The file that the configuration means. A new one in the place of one that was lost opens
/// nothing, so somebody must have said that this is known.
std::filesystem::path file_to_make(const Session& session, const std::string& id) {
  const KeyringPlace place = find_keyring(session);
  if (!place.file) throw no_keyring_file(place);
  warn_of(session, place);
  if (place.deployment.key_checks.contains(id) && !place.has_keyring_file())
    throw Error(ErrorCode::failed_precondition,
                core::describe_keyring_file(*place.file) +
                    " is missing, and this deployment was sealed with another key " +
                    core::in_quotes(id) +
                    ", for which a new one is no replacement; restore the file from your backup, "
                    "or, if it is lost for good, give the new key an id of its own with --id");
  return *place.file;
}

int init(Session& session, const Arguments& arguments) {
  const auto named = arguments.one("file");
  const std::string id = id_argument_of_key(arguments);
  const std::filesystem::path file =
      named ? std::filesystem::absolute(*named).lexically_normal() : file_to_make(session, id);
  core::create_keyring_file(file, id);
  const MadeKey key = last_key_of(file);
  tell_of_change([&] {
    if (session.json()) return write_json(json_of(key));
    std::string text = "Made " + core::describe_keyring_file(file) + " with key '" + key.id +
                       "', fingerprint " + key.fingerprint +
                       ".\nIt opens every secret that is sealed with it, and without it they are "
                       "lost: keep a copy, apart from the store and its backups.\n";
    if (named)
      text += "To use it, kist.json must say:\n  \"sealing\": { \"keyring\": " +
              boost::json::serialize(json_text(file.native())) + " }\n";
    write_output(text);
  });
  return 0;
}

/// The current key is not the last one of a keyring file, and adding one there changes nothing.
void refuse_other_current(const KeyringPlace& place) {
  const core::SealingSettings& settings = place.settings();
  const std::string where = place.configuration_file();
  if (place.file && settings.current)
    throw ErrorWithTrail(Error(ErrorCode::failed_precondition,
                               "a new key in " + core::describe_keyring_file(*place.file) +
                                   " would not become the current one: 'sealing.current' of " +
                                   where + " is " + core::in_quotes(*settings.current)),
                         {"take  \"current\": \"" + *settings.current +
                              "\"  out of \"sealing\" there, and repeat "
                              "'kist keys rotate'",
                          "or add a key that is not current yet, for several hosts that share the "
                          "store: 'kist keys rotate --add-only'"});
  if (place.file || settings.keys.empty()) return;
  const std::string current = settings.current.value_or(settings.keys.front().id);
  const auto key = std::ranges::find(settings.keys, current, &core::SealingKeySettings::id);
  if (key == settings.keys.end())
    throw Error(ErrorCode::failed_precondition,
                "key " + core::in_quotes(current) + " of 'sealing.current' is not in the keyring");
  throw ErrorWithTrail(
      Error(ErrorCode::failed_precondition, "the current key " + core::in_quotes(current) + " is " +
                                                core::describe(key->source) + ", as " + key->place +
                                                " says, and Kist makes keys in keyring files only"),
      {"make a new key there, and add it to \"keys\" of \"sealing\" in " + where +
           " beside the old one, with an id of its own",
       "then say  \"current\": \"<its id>\"  in \"sealing\", and run 'kist keys rewrap'"});
}

bool is_configured(const core::SealingSettings& settings, std::string_view id) {
  return std::ranges::find(settings.keys, id, &core::SealingKeySettings::id) != settings.keys.end();
}

/// Also an id whose key is not in the file: the deployment remembers it, or 'sealing.keys' has it.
bool is_taken(const KeyringPlace& place, std::string_view id) {
  return place.deployment.key_checks.contains(id) || is_configured(place.settings(), id);
}

/// Before a key is added that is not to be current: something else must be, for every host that
/// reads the file.
void require_named_current(const KeyringPlace& place) {
  const core::SealingSettings& settings = place.settings();
  const auto lines = core::read_keyring_file(*place.file);
  if (!lines) return;
  const std::string& last = *lines->back().id;
  if (!settings.current)
    throw ErrorWithTrail(
        Error(ErrorCode::failed_precondition,
              "a new key in " + core::describe_keyring_file(*place.file) +
                  " would be the current one at the next start: 'sealing.current' of " +
                  place.configuration_file() + " names none"),
        {"say  \"current\": \"" + last +
         "\"  in \"sealing\" there, and on all hosts that share the store, and repeat 'kist keys "
         "rotate --add-only'"});
  if (std::ranges::find(*lines, settings.current, &core::KeyLine::id) == lines->end() &&
      !is_configured(settings, *settings.current))
    throw Error(ErrorCode::failed_precondition, "key " + core::in_quotes(*settings.current) +
                                                    " of 'sealing.current' is not in the keyring");
}

std::string text_of_current(const MadeKey& key) {
  return "Added key '" + key.id + "' to " + core::describe_keyring_file(key.file) +
         ", fingerprint " + key.fingerprint +
         ". It is the current one.\n"
         "Copy the file again, to where you keep its copy: what is sealed from now on needs "
         "the new key.\n"
         "Hosts that run take it when they are started again, servers at SIGHUP too, and cannot "
         "open what others "
         "seal with it before.\n"
         "Values that are stored stay under the keys that they have: see 'kist keys list "
         "--usage' and 'kist keys rewrap'.\n";
}

std::string text_of_added(const MadeKey& key, const KeyringPlace& place) {
  const std::string& current = *place.settings().current;
  return "Added key '" + key.id + "' to " + core::describe_keyring_file(key.file) +
         ", fingerprint " + key.fingerprint + ". Key '" + current +
         "' stays the current one.\n"
         "Copy the file to all hosts that share the store, and to where you keep its copy, and "
         "start the hosts again.\n"
         "When all of them have the new key, take  \"current\": \"" +
         current +
         "\"  out of \"sealing\" on each, and start it again: it then seals with the new key.\n";
}

int rotate(Session& session, const Arguments& arguments) {
  const bool add_only = arguments.has("add-only");
  const KeyringPlace place = find_keyring(session);
  if (!add_only || !place.file) refuse_other_current(place);
  if (!place.file) throw no_keyring_file(place);
  warn_of(session, place);
  if (add_only) require_named_current(place);
  if (!place.has_keyring_file())
    throw Error(ErrorCode::failed_precondition,
                core::describe_keyring_file(*place.file) +
                    (place.use.has_been_sealed
                         ? " is missing; restore it from your backup"
                         : " does not exist, so there is no key to follow; make it with 'kist keys "
                           "init'"));
  core::add_key(*place.file, [&](std::string_view id) { return is_taken(place, id); });
  MadeKey key = last_key_of(*place.file);
  key.current = !add_only;
  tell_of_change([&] {
    if (session.json()) return write_json(json_of(key));
    write_output(add_only ? text_of_added(key, place) : text_of_current(key));
  });
  return 0;
}

}  // namespace

std::vector<Command> keys_commands() {
  return {
      {.words = "keys init",
       .summary = "Makes a keyring file with a first key",
       .details =
           "Where the configuration says, as 'sealing.keyring'; else beside the store, if it "
           "keeps its secrets on this\nmachine. A file that is there is never touched. Its "
           "keys open every secret that is sealed with them, and without\nthem they are "
           "lost.\n",
       .examples = {"kist keys init", "kist keys init --file /etc/kist/keyring"},
       .options = {{"file", "PATH", "make it there; the configuration is not looked at"},
                   {"id", "ID", "the id of its key (default k1)"}},
       .run = init},
      {.words = "keys list",
       .summary = "Shows the keys of the ring, where each comes from, and whether it can be had",
       .details =
           "--usage opens the store, reads every secret, and counts the values under each "
           "key, also under keys that the ring\ndoes not have. A key can be taken out of the "
           "ring when no value is under it, and no backup of the store is to be\nrestored "
           "that is older than its last rewrap. A secret that the store cannot read is named, its "
           "values are\nnot counted, and the exit code is that error's: 9.\n",
       .examples = {"kist keys list", "kist keys list --usage"},
       .options = {{"usage", "", "count the values under each key"}},
       .run = list_keys},
      {.words = "keys rotate",
       .summary = "Adds a new key to the keyring file, which becomes the current one",
       .details = "New values are sealed with it. What is stored stays under the keys that it has, "
                  "which must stay in the file, until\n'kist keys rewrap' has put it under the new "
                  "one. Hosts that run take the new key when they are started again, servers at "
                  "SIGHUP too.\n\n"
                  "Where several hosts share a store, name the present key as 'sealing.current' on "
                  "all of them first, and use\n--add-only: the new key is added, and is current on "
                  "a host once that line is taken out there.\n",
       .examples = {"kist keys rotate", "kist keys rotate --add-only"},
       .options = {{"add-only", "", "add the key, and leave the present one current"}},
       .run = rotate},
      {.words = "keys rewrap",
       .summary = "Seals with the current key what is sealed with others",
       .details = "Secret by secret, while others read and write. It can be interrupted, or die, "
                  "anywhere: repeat it, and it takes up\nwhat is left. Each secret that is written "
                  "goes to its next revision, and keeps the time of its last update.\n\n"
                  "Values that were stored before sealing was switched on are counted and left: "
                  "whoever can write to the store could\nhave put them there, and would have them "
                  "sealed as if they were ours. If you know that they are yours,\n--seal-unsealed "
                  "seals them.\n\nThe exit code is 0 if no secret failed, else that of the first "
                  "one that did.\n",
       .examples = {"kist keys rewrap", "kist keys rewrap --dry-run",
                    "kist keys rewrap --limit 1000 --output json"},
       .options = {{"limit", "N", "end when N secrets are rewrapped"},
                   {"dry-run", "", "open and count what would be rewrapped, and write nothing"},
                   {"seal-unsealed", "", "seal values that were never sealed, too"}},
       .run = rewrap_values}};
}

}  // namespace kist::cli
