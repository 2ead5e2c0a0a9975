// SPDX-License-Identifier: Apache-2.0
#include "config/deployment.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include <boost/json.hpp>

#include <kist/error.hpp>
#include <kist/secret_value.hpp>

#include "config/json_document.hpp"
#include "config/private_file.hpp"
#include "sealing/keyring.hpp"
#include "secrets/uuid.hpp"
#include "text/hex.hpp"
#include "text/printable.hpp"

namespace kist::core {
namespace {

/// With a check for each key that a ring may have.
constexpr std::size_t kFileBytesMax = 256 * 1024;
constexpr std::string_view kIdKey = "deployment_id", kCursorKeyKey = "cursor_key",
                           kKeyChecksKey = "key_checks", kCurrentKeyKey = "current_key";

PrivateFile deployment_file(const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / kDeploymentFileName;
  return {path, "deployment file " + in_quotes(path.native(), 4096), kFileBytesMax};
}

std::string_view bytes_of(const CursorKey& key) {
  return {reinterpret_cast<const char*>(key.data()), key.size()};
}

std::string_view string_member(const JsonNode& object, std::string_view key) {
  const JsonMember* const member = object.kind == JsonKind::object ? object.member(key) : nullptr;
  if (member == nullptr || member->value.kind != JsonKind::string) return {};
  return member->value.text.reveal();
}

Error damage(const PrivateFile& file, const std::string& how) {
  return file.refusal("is damaged: " + how + "; restore it from a backup");
}

KeyChecks parse_key_checks(const PrivateFile& file, const JsonNode& root) {
  KeyChecks checks;
  const JsonMember* const member = root.member(kKeyChecksKey);
  if (member == nullptr) return checks;
  if (member->value.kind != JsonKind::object) throw damage(file, "its 'key_checks' are no object");
  for (const JsonMember& check : member->value.members) {
    WrappedKey wrapped;
    if (!is_key_id(check.key) ||
        !read_hex(check.value.text.reveal(), wrapped.data(), wrapped.size()))
      throw damage(file, "its key check " + in_quotes(check.key) +
                             " is not one of 120 hexadecimal digits under a key id");
    checks.emplace(check.key, wrapped);
  }
  return checks;
}

Deployment parse(const PrivateFile& file, const SecretValue& text) {
  try {
    const JsonDocument document =
        parse_json_document(text.reveal(), std::string(kDeploymentFileName));
    const auto id = Uuid::parse(string_member(document.root, kIdKey));
    if (!id) throw damage(file, "it has no 'deployment_id' that is a UUID");
    CursorKey key;
    if (!read_hex(string_member(document.root, kCursorKeyKey), reinterpret_cast<char*>(key.data()),
                  key.size()))
      throw damage(file, "it has no 'cursor_key' of 64 hexadecimal digits");
    return {*id, key, parse_key_checks(file, document.root),
            std::string(string_member(document.root, kCurrentKeyKey))};
  } catch (const Error& error) {
    if (error.code != ErrorCode::invalid_argument) throw;
    throw damage(file, "it is no JSON");  // The parser's sentence may quote a part of the key.
  }
}

/// Nothing: there is no such file.
std::optional<Deployment> read(const PrivateFile& file) {
  const std::optional<SecretValue> text = read_private_file(file);
  if (!text) return std::nullopt;
  return parse(file, *text);
}

/// Takes text that parse() takes. Members that this version does not know stay.
SecretValue with_keys(const SecretValue& text, const KeyChecks& checks,
                      std::string_view current_key) {
  const SecretValue json = without_json_comments(text.reveal(), std::string(kDeploymentFileName));
  boost::json::value root = boost::json::parse(json.reveal());
  boost::json::object members;
  for (const auto& [id, wrapped] : checks) members[id] = to_hex({wrapped.data(), wrapped.size()});
  root.as_object()[kKeyChecksKey] = std::move(members);
  if (!current_key.empty()) root.as_object()[kCurrentKeyKey] = current_key;
  std::string line = boost::json::serialize(root) + "\n";
  SecretValue result(line);
  wipe(line.data(), line.size());
  return result;
}

void check_directory(const DeploymentDirectory& directory) {
  struct stat status {};
  const bool is_there = ::stat(directory.path.c_str(), &status) == 0;
  if (is_there && S_ISDIR(status.st_mode)) return;
  const std::string name =
      "the directory " + in_quotes(directory.path.native(), 4096) + " of " + directory.source;
  if (is_there || errno == ENOTDIR)
    throw Error(ErrorCode::failed_precondition, name + " is no directory");
  if (errno == ENOENT)
    throw Error(ErrorCode::failed_precondition, name + " does not exist; create it first");
  throw Error(code_of_system_error(errno),
              name + " cannot be reached: " + std::generic_category().message(errno));
}

/// False: another host was first.
bool publish(const DeploymentDirectory& directory, const Deployment& deployment) {
  PrivateFile file = deployment_file(directory.path);
  // A file that is not there yet says less to people than whose directory it is.
  file.name = "the deployment file in the directory " + in_quotes(directory.path.native(), 4096) +
              " of " + directory.source;
  const SecretValue text("{\"" + std::string(kIdKey) + "\": \"" + deployment.id.to_string() +
                         "\", \"" + std::string(kCursorKeyKey) + "\": \"" +
                         to_hex(bytes_of(deployment.cursor_key)) + "\"}\n");
  return create_private_file(file, text.view());
}

}  // namespace

std::optional<DeploymentDirectory> deployment_directory(
    const StoreTypeManifest& manifest, const CheckedOptions& options,
    const std::filesystem::path& configuration_directory) {
  if (!manifest.has("persistent")) return std::nullopt;
  if (manifest.has("local")) {
    for (const CheckedOption& option : options.options) {
      if (option.kind != OptionKind::path) continue;
      // "/var/lib/kist/" and "/var/lib/kist" are the same directory.
      std::filesystem::path path(option.text.reveal());
      if (!path.has_filename()) path = path.parent_path();
      return DeploymentDirectory{path.parent_path(), "the store's option '" + option.name + "'"};
    }
  }
  if (configuration_directory.empty()) return std::nullopt;
  return DeploymentDirectory{configuration_directory, "the configuration file"};
}

std::optional<Deployment> find_deployment(const std::filesystem::path& directory,
                                          const std::optional<Uuid>& configured_id) {
  std::optional<Deployment> found = read(deployment_file(directory));
  if (found && configured_id && found->id != *configured_id) {
    const CursorKey cursor_key = found->cursor_key;
    found = Deployment{*configured_id, cursor_key};
    found->remembered = false;
  }
  return found;
}

Deployment open_deployment(const DeploymentDirectory& directory,
                           const std::optional<Uuid>& configured_id) {
  check_directory(directory);
  if (auto found = find_deployment(directory.path, configured_id)) return *found;
  Deployment made = new_deployment(configured_id);
  made.made = true;
  if (publish(directory, made)) return made;
  if (auto found = find_deployment(directory.path, configured_id)) return *found;
  throw deployment_file(directory.path).failure("open", ENOENT);
}

void forget_deployment(const std::filesystem::path& directory, const Deployment& made) noexcept {
  try {
    const auto found = find_deployment(directory);
    if (found && found->id == made.id && found->cursor_key == made.cursor_key)
      std::filesystem::remove(directory / kDeploymentFileName);
  } catch (const std::exception&) {
    // The error that led here is the one to tell.
  }
}

KeyChecks add_key_checks(const std::filesystem::path& directory, const KeyChecks& checks,
                         std::string_view current_key) {
  const PrivateFile file = deployment_file(directory);
  KeyChecks all;
  change_private_file(file, [&](const SecretValue& text) -> std::optional<SecretValue> {
    const Deployment before = parse(file, text);
    all = before.key_checks;
    all.insert(checks.begin(), checks.end());
    const bool same_current = current_key.empty() || current_key == before.current_key;
    if (all.size() == before.key_checks.size() && same_current) return std::nullopt;
    return with_keys(text, all, current_key);
  });
  return all;
}

Deployment new_deployment(const std::optional<Uuid>& configured_id) {
  return {configured_id ? *configured_id : new_uuid(), new_cursor_key()};
}

}  // namespace kist::core
