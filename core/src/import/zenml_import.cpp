// SPDX-License-Identifier: Apache-2.0
#include "import/zenml_import.hpp"

#include <utility>

#include <kist/error.hpp>

#include "secrets/same_secret.hpp"
#include "text/printable.hpp"

namespace kist::core {
namespace {

void refuse(ImportFinding& finding, ErrorCode code, std::string reason) {
  finding.result = ImportResult::refused;
  finding.code = code;
  finding.reason = std::move(reason);
}

const Principal* principal_named(const Directory& directory, const std::string& name) {
  if (name.empty()) return nullptr;
  // Who works on the command line is ZenML's first user, too.
  if (name == directory.local_principal().name) return &directory.local_principal();
  for (const Principal& principal : directory.principals()) {
    if (principal.name == name) return &principal;
  }
  return nullptr;
}

const Workspace* workspace_named(const Directory& directory, const std::string& name) {
  for (const Workspace& workspace : directory.workspaces()) {
    if (!name.empty() && workspace.name == name) return &workspace;
  }
  return nullptr;
}

}  // namespace

ZenmlImport::ZenmlImport(ZenmlDatabase& database, ZenmlValues& values, const Target& target)
    : database_(database), values_(values), target_(target) {}

ZenmlImport::NameKey ZenmlImport::name_key(const SecretMetadata& secret) {
  return {secret.workspace_id, secret.scope == Scope::user ? secret.user_id : Uuid{}, secret.scope,
          secret.name};
}

void ZenmlImport::survey(Call& call) {
  class Sink final : public ListSink {
   public:
    explicit Sink(ZenmlImport& import) : import_(import) {}
    bool item(const SecretMetadata& row) override {
      import_.ids_.insert(row.id);
      if (row.readable) import_.names_.emplace(name_key(row), row.id);
      return true;
    }
    void total(std::uint64_t) override {}

   private:
    ZenmlImport& import_;
  } sink(*this);
  target_.store.list_secrets(call, ListQuery{}, sink);
}

ImportFinding ZenmlImport::examine(Call& call, std::int64_t row) {
  return examined(call, row).finding;
}

ImportFinding ZenmlImport::import(Call& call, std::int64_t row) {
  auto [finding, secret] = examined(call, row);
  if (finding.result != ImportResult::importable) return finding;
  try {
    target_.store.create_secret(call, secret.clone());
    finding.result = ImportResult::imported;
  } catch (const Error& error) {
    if (error.code != ErrorCode::already_exists) throw;
    // Somebody was faster: perhaps a second import.
    if (find_same_secret(call, target_.store, secret))
      finding.result = ImportResult::present;
    else
      refuse(finding, error.code, "the store has got a secret of its name or id meanwhile");
  }
  return finding;
}

ZenmlImport::Examined ZenmlImport::examined(Call& call, std::int64_t row) {
  const ZenmlSecret source = database_.read(row);
  Examined result;
  ImportFinding& finding = result.finding;
  finding.id = source.id_text;
  finding.name = source.name_text;
  if (source.internal) {
    finding.result = ImportResult::left_out;
    finding.reason = "it is internal to ZenML: the credentials of a service connector";
    return result;
  }
  try {
    resolve(source, result);
  } catch (const Error& error) {
    refuse(finding, error.code, std::string(error.message()));
    if (finding.undecryptable && target_.skip_undecryptable)
      finding.result = ImportResult::left_out;
    return result;
  }
  if (!ids_.contains(source.id))
    claim(row, result);
  else if (find_same_secret(call, target_.store, result.secret))
    finding.result = ImportResult::present;
  else
    refuse(finding, ErrorCode::already_exists,
           "the store has a secret of this id with other content, or one that cannot be read");
  return result;
}

/// All that needs no look at the store. Errors: what keeps the secret from being imported.
void ZenmlImport::resolve(const ZenmlSecret& source, Examined& examined) {
  if (!source.fault.empty()) throw Error(ErrorCode::invalid_argument, source.fault);
  Secret& secret = examined.secret;
  examined.finding.scope = secret.scope = source.scope;
  secret.id = source.id;
  secret.created = source.created;
  secret.updated = source.updated;
  own(source, examined);
  place(source, examined);
  secret.name = ValidatedName(source.name_text).text();
  open_values(source, examined);
}

void ZenmlImport::own(const ZenmlSecret& source, Examined& examined) const {
  const Principal* const owner = principal_named(target_.directory, source.owner.name);
  examined.secret.user_id = owner != nullptr ? owner->id : source.owner.id;
  examined.finding.owner = owner != nullptr ? owner->name : source.owner.id.to_string();
  examined.finding.owner_is_known = owner != nullptr;
}

void ZenmlImport::place(const ZenmlSecret& source, Examined& examined) const {
  const Workspace* workspace = target_.workspace;
  if (source.workspace) {
    const ZenmlReference& theirs = *source.workspace;
    if (const auto* const namesake = workspace_named(target_.directory, theirs.name))
      workspace = namesake;
    if (workspace == nullptr)
      throw Error(ErrorCode::not_found,
                  "its workspace " +
                      (theirs.name.empty() ? theirs.id.to_string() : in_quotes(theirs.name)) +
                      " is not configured; configure it, or use --workspace");
  } else if (workspace == nullptr) {
    workspace = &target_.directory.default_workspace();
  }
  examined.secret.workspace_id = workspace->id;
  examined.finding.workspace = workspace->name;
}

void ZenmlImport::open_values(const ZenmlSecret& source, Examined& examined) {
  if (!source.stored)
    throw Error(ErrorCode::not_found,
                "its values are not in this database; ZenML keeps them in another store");
  try {
    ZenmlValues::Opened opened = values_.open(source.stored->reveal(), target_.limits);
    examined.secret.values = std::move(opened.values);
    examined.finding.key = opened.key;
  } catch (const Error& error) {
    examined.finding.undecryptable = error.code == ErrorCode::corrupt;
    throw;
  }
}

/// Takes id and name for the row, which may have taken them before.
void ZenmlImport::claim(std::int64_t row, Examined& examined) {
  const Secret& secret = examined.secret;
  const Uuid holder = names_.emplace(name_key(secret), secret.id).first->second;
  if (holder != secret.id)
    return refuse(examined.finding, ErrorCode::already_exists,
                  "its name is taken " +
                      std::string(ids_.contains(holder) ? "in the store" : "in the same database") +
                      " by secret " + holder.to_string());
  if (claimed_ids_.emplace(secret.id, row).first->second != row)
    return refuse(examined.finding, ErrorCode::already_exists,
                  "another row of the same database has its id");
  examined.finding.result = ImportResult::importable;
}

}  // namespace kist::core
