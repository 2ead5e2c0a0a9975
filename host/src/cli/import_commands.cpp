// SPDX-License-Identifier: Apache-2.0
#include "cli/import_commands.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "cli/import_report.hpp"
#include "cli/open_host.hpp"
#include "cli/progress.hpp"
#include "cli/standard_streams.hpp"
#include "cli/terminal.hpp"
#include "cli/value_sources.hpp"
#include "import/zenml_import.hpp"
#include "text/printable.hpp"

namespace kist::cli {
namespace {

using core::ImportFinding;
using core::ImportResult;

/// Of a key that is asked for: ZenML recommends 64 characters.
constexpr std::size_t kAskedKeyBytesMax = 4096;

struct EncryptionKeys {
  std::vector<SecretValue> values;
  std::vector<std::string> sources;  ///< For the report.

  void add(SecretValue key, std::string source) {
    if (key.empty()) throw Error(ErrorCode::invalid_argument, "the key of " + source + " is empty");
    values.push_back(std::move(key));
    sources.push_back(std::move(source));
  }
};

/// Whoever wrote the key with an editor or echo did not mean the last newline.
SecretValue without_newline(const SecretValue& content) {
  std::string_view text = content.reveal();
  if (text.ends_with('\n')) text.remove_suffix(1);
  return SecretValue(text);
}

EncryptionKeys read_keys(const Session& session, const Arguments& arguments) {
  EncryptionKeys keys;
  for (const std::string& path : arguments.all("encryption-key-file"))
    keys.add(without_newline(read_value_file(path, session.interrupts)),
             "--encryption-key-file " + core::in_quotes(path, 4096));
  for (const std::string& name : arguments.all("encryption-key-env")) {
    const SecretValue* const found = session.environment.find_secret(name);
    if (found == nullptr)
      throw Error(ErrorCode::not_found, "there is no environment variable " +
                                            core::in_quotes(name) +
                                            ", which --encryption-key-env names");
    keys.add(found->clone(), "--encryption-key-env " + core::in_quotes(name));
  }
  if (arguments.has("ask-encryption-key")) {
    if (!standard_input_is_terminal())
      throw UsageError(
          "--ask-encryption-key asks on a terminal, and standard input is no terminal");
    keys.add(ask_for_secret("ZenML's encryption key: ", kAskedKeyBytesMax, session.interrupts),
             "--ask-encryption-key");
  }
  return keys;
}

const core::Workspace* workspace_argument(const Arguments& arguments,
                                          const core::Directory& directory) {
  const auto name = arguments.one("workspace");
  if (!name) return nullptr;
  const core::Workspace* const workspace = directory.find_workspace(*name);
  if (workspace == nullptr)
    throw Error(ErrorCode::not_found, "there is no workspace " + core::in_quotes(*name));
  return workspace;
}

class ImportRun {
 public:
  ImportRun(Session& session, core::ZenmlDatabase& database, core::ZenmlImport& import)
      : session_(session), import_(import) {
    InterruptibleCall call(session.interrupts, session.timeout);
    import.survey(*call);
    rows_ = database.rows();
  }

  std::vector<ImportFinding> examine() {
    std::vector<ImportFinding> findings;
    for (const std::int64_t row : rows_) {
      session_.interrupts.check();
      InterruptibleCall call(session_.interrupts, session_.timeout);
      findings.push_back(import_.examine(*call, row));
    }
    return findings;
  }

  /// Replaces the findings of those that are imported.
  void import(std::vector<ImportFinding>& findings) {
    Progress progress(session_);
    const auto total = static_cast<std::uint64_t>(
        std::ranges::count(findings, ImportResult::importable, &ImportFinding::result));
    std::uint64_t done = 0;
    try {
      for (std::size_t i = 0; i < rows_.size(); ++i) {
        if (findings[i].result != ImportResult::importable) continue;
        session_.interrupts.check();
        InterruptibleCall call(session_.interrupts, session_.timeout);
        findings[i] = import_.import(*call, rows_[i]);
        ++done;
        progress.show({done, total, {{"imported", done}}});
      }
    } catch (const Error& error) {
      throw Error(error.code, std::string(error.message()) + "; " + std::to_string(done) +
                                  " secrets were dealt with before, and the import can be "
                                  "repeated safely");
    }
  }

 private:
  Session& session_;
  core::ZenmlImport& import_;
  std::vector<std::int64_t> rows_;
};

/// A wrong key is better found before half of the secrets are there.
void require_all_decrypted(const ImportReport& report) {
  const auto count = std::ranges::count_if(report.findings, [](const ImportFinding& finding) {
    return finding.undecryptable && finding.result == ImportResult::refused;
  });
  if (count == 0) return;
  throw Error(ErrorCode::failed_precondition,
              "nothing was imported: " + std::to_string(count) + " of " +
                  std::to_string(report.findings.size()) +
                  " secrets cannot be decrypted; give their key as well, or import the others with "
                  "--skip-undecryptable");
}

int import_zenml_sql(Session& session, const Arguments& arguments) {
  if (arguments.words[0].empty()) throw UsageError("PATH is empty; expected ZenML's database");
  EncryptionKeys keys = read_keys(session, arguments);
  core::ZenmlDatabase database(arguments.words[0]);
  core::ZenmlValues values(keys.values);
  OpenHost host(session);
  core::ZenmlImport import(
      database, values,
      {host.store(), host.directory(), host.limits(),
       workspace_argument(arguments, host.directory()), arguments.has("skip-undecryptable")});
  ImportRun run(session, database, import);
  ImportReport report{!arguments.has("yes"), std::move(keys.sources), run.examine()};
  if (report.dry_run || report.count(ImportResult::importable) == 0) {
    write_report(session, report);
    if (!report.dry_run) require_all_decrypted(report);
    return report.exit_code();
  }
  require_all_decrypted(report);
  run.import(report.findings);
  tell_of_change([&] { write_report(session, report); });
  return report.exit_code();
}

}  // namespace

std::vector<Command> import_commands() {
  return {
      {.words = "import zenml-sql",
       .arguments = "PATH",
       .summary = "Imports the secrets of a ZenML database in SQLite; shows first what it would do",
       .details =
           "Without --yes nothing is imported; the store is opened, and made if it is new. Ids, "
           "names, scopes, owners and\ntimes are kept, so that an import can be repeated: what is "
           "there already is left as it is. A secret goes to the\nworkspace that has its ZenML "
           "workspace's name, and to the principal that has its ZenML user's name.\n\nThe exit "
           "code is 0 if every secret is there afterwards or "
           "was left out on purpose, else that of the first\none that was refused.\n",
       .examples = {"kist import zenml-sql zenml.db --encryption-key-file zenml.key",
                    "kist import zenml-sql zenml.db --encryption-key-file zenml.key --yes",
                    "kist import zenml-sql zenml.db --encryption-key-env ZENML_KEY --output json"},
       .options = {{"encryption-key-file", "FILE",
                    "ZenML's encryption key, without the file's last newline", true},
                   {"encryption-key-env", "NAME", "the same from an environment variable", true},
                   {"ask-encryption-key", "", "ask for the key on the terminal"},
                   {"skip-undecryptable", "", "import the others if some cannot be decrypted"},
                   {"workspace", "W",
                    "where secrets go that have no workspace, or one that is not configured"},
                   {"yes", "", "import"}},
       .words_min = 1,
       .words_max = 1,
       .run = import_zenml_sql}};
}

}  // namespace kist::cli
