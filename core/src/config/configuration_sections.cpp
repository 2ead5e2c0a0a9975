// SPDX-License-Identifier: Apache-2.0
#include "config/configuration_sections.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "text/printable.hpp"
#include "text/suggestion.hpp"

namespace kist::core {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::size_t kSha256Digits = 64;

TrustSettings read_trust(ReadContext& context, const JsonNode& node, const std::string& path) {
  constexpr std::string_view keys[] = {"unsigned", "sha256", "ed25519_keys"};
  constexpr std::string_view unsigned_words[] = {"allow", "refuse"};
  SectionReader section(context, node, path, keys);
  TrustSettings trust;
  trust.unsigned_plugins = section.word("unsigned", unsigned_words);
  section.each_member("sha256", [&](const JsonMember& member, const std::string& member_path) {
    std::string digest = read_plain_text(context, member.value, member_path);
    if (digest.size() != kSha256Digits ||
        digest.find_first_not_of(kHexDigits) != std::string::npos) {
      context.refuse(
          member.value.position,
          in_quotes(member_path) + " must be a SHA-256 of 64 hexadecimal digits in lower case");
    }
    trust.sha256.emplace(member.key, std::move(digest));
  });
  section.each("ed25519_keys", [&](const JsonNode& element, const std::string& element_path) {
    trust.ed25519_keys.push_back(read_plain_text(context, element, element_path));
  });
  return trust;
}

TlsSettings read_tls(ReadContext& context, const JsonNode& node, const std::string& path) {
  constexpr std::string_view keys[] = {"certificate", "key", "client_ca"};
  SectionReader section(context, node, path, keys);
  for (const std::string_view key : {"certificate", "key"}) {
    if (!section.has(key))
      section.refuse(key, in_quotes(path) + " needs the key " + in_quotes(key));
  }
  return {*section.path("certificate"), *section.path("key"), section.path("client_ca")};
}

/// A section that is not there is read like an empty one, so that its defaults are shown.
const JsonNode& section_or_empty(const SectionReader& outer, std::string_view key) {
  static const JsonNode empty = [] {
    JsonNode node;
    node.kind = JsonKind::object;
    return node;
  }();
  const JsonNode* const node = outer.find(key);
  return node == nullptr ? empty : *node;
}

HttpLimits read_limits(ReadContext& context, const JsonNode& node, const std::string& path) {
  std::vector<std::string_view> keys;
  for (const HttpLimit& limit : http_limits()) keys.push_back(limit.name);
  SectionReader section(context, node, path, keys);
  HttpLimits limits;
  for (const HttpLimit& limit : http_limits())
    limits.*limit.member =
        section.integer_or(limit.name, limit.min, limit.max, limits.*limit.member);
  return limits;
}

std::optional<TokenHash> read_token_hash(SectionReader& section) {
  constexpr std::string_view key = "token_hash";
  const std::optional<SecretValue> text = section.hash_of_secret(key);
  if (!text) return std::nullopt;
  const std::optional<TokenHash> hash = TokenHash::parse(text->reveal());
  if (!hash) {
    section.refuse(key,
                   in_quotes(section.path_of(key)) +
                       " is not what 'kist token new' prints as such, which begins with 'v1.'");
  }
  return hash;
}

PrincipalSettings read_principal(ReadContext& context, const JsonNode& node,
                                 const std::string& path,
                                 const std::vector<WorkspaceSettings>& workspaces) {
  constexpr std::string_view keys[] = {"name",        "id",         "token_hash", "token_expires",
                                       "certificate", "socket_uid", "roles"};
  constexpr std::string_view roles[] = {"lister", "reader", "writer", "admin"};
  SectionReader section(context, node, path, keys);
  PrincipalSettings principal;
  principal.name = section.required_text("name");
  principal.id = section.uuid("id");
  principal.token_hash = read_token_hash(section);
  principal.token_expires = section.time("token_expires");
  if (principal.token_expires && !principal.token_hash) {
    section.refuse("token_expires", in_quotes(section.path_of("token_expires")) +
                                        " needs the key 'token_hash' beside it");
  }
  principal.certificate = section.text("certificate");
  if (const auto uid =
          section.integer("socket_uid", 0, std::numeric_limits<std::uint32_t>::max() - 1)) {
    principal.socket_uid = static_cast<std::uint32_t>(*uid);
  }
  std::vector<std::string_view> names = {"*"};
  for (const WorkspaceSettings& workspace : workspaces) names.push_back(workspace.name);
  section.each_member("roles", [&](const JsonMember& member, const std::string& member_path) {
    if (std::find(names.begin(), names.end(), member.key) == names.end()) {
      context.refuse(member.position, "unknown workspace " + in_quotes(member.key) + " in " +
                                          in_quotes(section.path_of("roles")) +
                                          allowed_words(member.key, names));
    }
    principal.roles.emplace(member.key, read_word(context, member.value, member_path, roles));
  });
  return principal;
}

/// Refuses a principal that one of the earlier ones cannot be told from.
void refuse_twin(const ReadContext& context, const JsonNode& node,
                 const std::vector<PrincipalSettings>& earlier,
                 const PrincipalSettings& principal) {
  for (const PrincipalSettings& other : earlier) {
    const char* same = nullptr;
    if (other.name == principal.name)
      same = "'name'";
    else if (principal.id && other.id == principal.id)
      same = "'id'";
    else if (principal.certificate && other.certificate == principal.certificate)
      same = "'certificate'";
    else if (principal.socket_uid && other.socket_uid == principal.socket_uid)
      same = "'socket_uid'";
    else if (principal.token_hash && other.token_hash &&
             other.token_hash->lookup_id == principal.token_hash->lookup_id)
      same = "lookup id in 'token_hash'";
    if (same == nullptr) continue;
    context.refuse(node.position, "the principals " + in_quotes(other.name) + " and " +
                                      in_quotes(principal.name) + " have the same " + same);
  }
}

WorkspaceSettings read_workspace(ReadContext& context, const JsonNode& node,
                                 const std::string& path) {
  if (node.kind == JsonKind::string) return {read_plain_text(context, node, path), std::nullopt};
  if (node.kind != JsonKind::object) {
    context.refuse(node.position, in_quotes(path) +
                                      " must be a name or an object with 'name' and 'id', found " +
                                      std::string(describe(node.kind)));
  }
  constexpr std::string_view keys[] = {"name", "id"};
  SectionReader section(context, node, path, keys);
  return {section.required_text("name"), section.uuid("id")};
}

}  // namespace

PluginSettings read_plugins(ReadContext& context, SectionReader& root) {
  PluginSettings plugins;
  const JsonNode* const node = root.find("plugins");
  if (node == nullptr) return plugins;
  constexpr std::string_view keys[] = {"directories", "trust"};
  SectionReader section(context, *node, "plugins", keys);
  if (section.has("directories")) plugins.directories.emplace();
  section.each("directories", [&](const JsonNode& element, const std::string& path) {
    const std::filesystem::path directory = read_plain_text(context, element, path);
    if (!directory.is_absolute()) {
      context.refuse(element.position,
                     in_quotes(path) + " must be an absolute path: code is loaded from there");
    }
    plugins.directories->push_back(directory.lexically_normal());
  });
  if (const JsonNode* const trust = section.find("trust")) {
    plugins.trust = read_trust(context, *trust, "plugins.trust");
  }
  return plugins;
}

std::vector<WorkspaceSettings> read_workspaces(ReadContext& context, SectionReader& root) {
  std::vector<WorkspaceSettings> workspaces;
  root.each("workspaces", [&](const JsonNode& element, const std::string& path) {
    WorkspaceSettings workspace = read_workspace(context, element, path);
    for (const WorkspaceSettings& other : workspaces) {
      if (other.name == workspace.name || (workspace.id && other.id == workspace.id)) {
        context.refuse(element.position, in_quotes(path) + " has the same " +
                                             (other.name == workspace.name ? "name" : "id") +
                                             " as the workspace " + in_quotes(other.name));
      }
    }
    if (workspace.name == "*") {
      context.refuse(element.position,
                     "a workspace cannot be named '*': roles mean all of them by it");
    }
    workspaces.push_back(std::move(workspace));
  });
  if (workspaces.empty()) {
    if (root.has("workspaces")) root.refuse("workspaces", "'workspaces' must name at least one");
    workspaces.push_back({"default", std::nullopt});
    context.note("workspaces[0]", "default", {});
  }
  return workspaces;
}

std::vector<PrincipalSettings> read_principals(ReadContext& context, SectionReader& root,
                                               const std::vector<WorkspaceSettings>& workspaces) {
  std::vector<PrincipalSettings> principals;
  root.each("principals", [&](const JsonNode& element, const std::string& path) {
    PrincipalSettings principal = read_principal(context, element, path, workspaces);
    refuse_twin(context, element, principals, principal);
    principals.push_back(std::move(principal));
  });
  return principals;
}

HttpSettings read_http(ReadContext& context, SectionReader& root) {
  constexpr std::string_view keys[] = {"listen", "tls", "threads", "limits"};
  constexpr std::int64_t threads_max = 256;
  SectionReader section(context, section_or_empty(root, "http"), "http", keys);
  HttpSettings http;
  section.each("listen", [&](const JsonNode& element, const std::string& path) {
    http.listen.push_back(read_plain_text(context, element, path));
  });
  if (http.listen.empty()) context.note("http.listen[0]", kDefaultListen, {});
  if (const JsonNode* const tls = section.find("tls"))
    http.tls = read_tls(context, *tls, "http.tls");
  http.threads = section.integer("threads", 1, threads_max);
  if (!http.threads) context.note("http.threads", "(the processors, at most 4)", {});
  http.limits = read_limits(context, section_or_empty(section, "limits"), "http.limits");
  return http;
}

AuditSettings read_audit(ReadContext& context, SectionReader& root) {
  constexpr std::string_view keys[] = {"enabled", "file", "signing_key", "rotate_bytes",
                                       "deadline_ms"};
  constexpr std::int64_t rotate_bytes_max = std::int64_t{1} << 50;
  SectionReader section(context, section_or_empty(root, "audit"), "audit", keys);
  AuditSettings audit;
  audit.enabled = section.boolean_or("enabled", audit.enabled);
  audit.file = section.path("file");
  audit.signing_key = section.secret("signing_key");
  audit.rotate_bytes = static_cast<std::uint64_t>(section.integer_or(
      "rotate_bytes", 0, rotate_bytes_max, static_cast<std::int64_t>(audit.rotate_bytes)));
  audit.deadline = std::chrono::milliseconds(
      section.integer_or("deadline_ms", 10, 60'000, audit.deadline.count()));
  return audit;
}

LogSettings read_log(ReadContext& context, SectionReader& root) {
  constexpr std::string_view keys[] = {"level", "format"};
  constexpr std::string_view levels[] = {"info", "trace", "debug", "warning", "error"};
  constexpr std::string_view formats[] = {"auto", "text", "json"};
  SectionReader section(context, section_or_empty(root, "log"), "log", keys);
  return {section.word("level", levels), section.word("format", formats)};
}

}  // namespace kist::core
