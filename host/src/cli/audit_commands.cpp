// SPDX-License-Identifier: Apache-2.0
#include "cli/audit_commands.hpp"

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "audit/audit_place.hpp"
#include "audit/audit_verify.hpp"
#include "cli/audit_place.hpp"
#include "cli/audit_tail.hpp"
#include "cli/json_output.hpp"
#include "cli/progress.hpp"
#include "cli/standard_streams.hpp"
#include "cli/table.hpp"
#include "text/printable.hpp"

namespace kist::cli {
namespace {

constexpr std::uint64_t kMebibyte = 1024 * 1024;

/// What is to be verified, and with which keys.
struct Request {
  std::vector<core::AuditPart> parts;
  core::AuditVerifyOptions options;
  std::string why_no_key;  ///< Where there is none.
};

void add_key_beside(Request& request, const std::filesystem::path& file) {
  const std::filesystem::path path = file.parent_path() / core::kPublicKeyFileName;
  std::error_code error;
  if (std::filesystem::exists(path, error))
    request.options.keys.push_back(core::PublicKey::read(path));
  else
    request.why_no_key =
        "there is no " + core::in_quotes(path.native(), 4096) + "; give one with --public-key";
}

Request request_of(const Session& session, const Arguments& arguments) {
  Request request;
  for (const std::string& text : arguments.all("expect")) {
    const auto head = core::parse_audit_head(text);
    if (!head)
      throw UsageError("--expect is " + core::in_quotes(text, 128) +
                       "; expected SEQUENCE:HASH, as the host has said it of a checkpoint");
    request.options.expected.push_back(*head);
  }
  for (const std::string& path : arguments.all("public-key"))
    request.options.keys.push_back(core::PublicKey::read(path));
  const bool needs_key = request.options.keys.empty();
  if (arguments.words.empty()) {
    const LoadedConfiguration loaded = load_configuration(session);
    const std::filesystem::path file = audit_file_of(loaded);
    request.parts = core::audit_files(file);
    if (needs_key && loaded.configuration.audit.signing_key)
      request.options.keys.push_back(core::audit_public_key(loaded.configuration.audit, file));
    else if (needs_key)
      add_key_beside(request, file);
    return request;
  }
  std::vector<std::filesystem::path> files(arguments.words.begin(), arguments.words.end());
  if (needs_key) add_key_beside(request, files.front());
  request.parts =
      files.size() == 1 ? core::audit_files(files.front()) : core::audit_files_named(files);
  return request;
}

boost::json::value fault_json(const core::AuditFault& fault) {
  return {{"file", json_text(fault.file.native())},
          {"line", fault.line},
          {"sequence", fault.sequence},
          {"message", json_text(fault.what)}};
}

std::string head_text(const core::AuditHead& head) {
  return std::to_string(head.sequence) + ":" + std::string(core::text_of(head.hash));
}

void write_document(const Request& request, const core::AuditVerification& found) {
  boost::json::array files, signers;
  for (const core::AuditPart& part : request.parts) files.push_back(json_text(part.path.native()));
  for (const std::string& signer : found.signers) signers.push_back(json_text(signer));
  boost::json::object document{
      {"valid", !found.fault && !found.is_empty()},
      {"files", std::move(files)},
      {"records", found.records},
      {"checkpoints", found.checkpoints},
      {"cuts", found.cuts},
      {"first_sequence", found.first_sequence},
      {"last_sequence", found.head.sequence},
      {"first_time", json_text(found.first_time)},
      {"last_time", json_text(found.last_time)},
      {"head", head_text(found.head)},
      {"since_checkpoint", found.since_checkpoint},
      {"signatures_checked", !request.options.keys.empty()},
      {"signers", std::move(signers)},
      {"losses", boost::json::array(found.losses.begin(), found.losses.end())},
      {"torn_bytes", found.torn_bytes},
      {"fault", nullptr}};
  if (found.fault) document["fault"] = fault_json(*found.fault);
  write_json(document);
}

std::string result_of(const Request& request, const core::AuditVerification& found) {
  if (found.fault && found.first_sequence == 0) return "corrupt; nothing before the fault";
  if (found.fault) return "corrupt; this is what is good before the fault";
  if (found.is_empty()) return "nothing was verified: there is no line";
  std::string result = "good";
  if (found.torn_bytes != 0) result += ", with a torn end";
  if (request.options.keys.empty()) result += ", signatures not checked";
  return result;
}

void write_table(const Request& request, const core::AuditVerification& found) {
  Table table;
  table.row({"result", result_of(request, found)});
  table.row({"files", std::to_string(request.parts.size())});
  if (found.first_sequence == 0) return write_output(table.text());
  table.row({"records", std::to_string(found.records)});
  table.row({"checkpoints", std::to_string(found.checkpoints)});
  if (found.cuts > 0) table.row({"torn lines cut off", std::to_string(found.cuts)});
  table.row({"sequences",
             std::to_string(found.first_sequence) + " to " + std::to_string(found.head.sequence)});
  table.row({"times", found.first_time + " to " + found.last_time});
  for (const std::string& signer : found.signers)
    table.row({request.options.keys.empty() ? "signed by (not checked)" : "signed by", signer});
  table.row({"behind the last checkpoint", std::to_string(found.since_checkpoint)});
  table.row({"head", head_text(found.head)});
  write_output(table.text());
}

void warn_of(const Session& session, const Request& request, const core::AuditVerification& found) {
  if (request.options.keys.empty()) session.warn("no signature was checked: " + request.why_no_key);
  if (found.first_sequence > 1)
    session.notice("the log begins at sequence " + std::to_string(found.first_sequence) +
                   ": older files are not here");
  if (found.torn_bytes > 0)
    session.warn(request.parts.back().name() + " ends in " + std::to_string(found.torn_bytes) +
                 " bytes of a torn line: a crash has left it, or a host is writing it");
  for (const std::uint64_t sequence : found.losses)
    session.warn("at sequence " + std::to_string(sequence) +
                 " the host found that the log before it was gone");
  for (const core::AuditPart& part : request.parts) {
    if (part.bytes == 0 && request.parts.size() > 1)
      session.warn(part.name() + " is empty: what it held shows with --expect only");
  }
}

/// Nobody can tell a log that was emptied from one that was never written by what is left of it.
Error nothing_verified(const Request& request) {
  const bool is_one = request.parts.size() == 1;
  return {ErrorCode::not_found,
          (is_one ? request.parts.front().name() + " holds" : "these audit files hold") +
              std::string(" no line, so nothing was verified; what was there shows only with the "
                          "head of a checkpoint that was kept elsewhere: give it to --expect")};
}

int verify(Session& session, const Arguments& arguments) {
  Request request = request_of(session, arguments);
  std::uint64_t total = 0;
  for (const core::AuditPart& part : request.parts) total += part.bytes;
  core::AuditVerification found;
  {
    Progress progress(session);
    request.options.advanced = [&](std::uint64_t bytes) {
      session.interrupts.check();
      progress.show({bytes / kMebibyte, total / kMebibyte, {{"MiB", bytes / kMebibyte}}});
    };
    found = core::verify_audit(request.parts, request.options);
  }
  warn_of(session, request, found);
  if (session.json())
    write_document(request, found);
  else
    write_table(request, found);
  if (found.fault) throw Error(ErrorCode::corrupt, found.fault->sentence());
  if (found.is_empty()) throw nothing_verified(request);
  if (request.options.keys.empty() && arguments.has("require-signatures"))
    throw Error(
        ErrorCode::failed_precondition,
        "no signature was checked, and --require-signatures asks for it: " + request.why_no_key);
  return 0;
}

}  // namespace

std::vector<Command> audit_commands() {
  return {
      {.words = "audit verify",
       .arguments = "[FILE ...]",
       .summary = "Checks that the audit log is as it was written, or names the first wrong line",
       .details =
           "Without FILE, the log of the configuration. Beside one FILE those are found that were "
           "put away: FILE.000000000001.\nSeveral are put in the order of their first lines.\n\n"
           "Whoever can write the log can cut lines off its end. The host says the head of each "
           "checkpoint in its own log:\nkeep those on another machine, and give the last one to "
           "--expect. Keep kist-audit-key.pub.pem there as well.\n\nA torn last line is what a "
           "crash leaves, and gets a warning. The exit code is 9 if a line was altered, removed,\n"
           "inserted or moved, and 4 if there is no line: then nothing was verified. Without a key "
           "no "
           "signature is checked:\n--require-signatures makes that exit code 6.\n",
       .examples = {"kist audit verify", "kist audit verify --output json",
                    "kist audit verify --public-key audit.pub.pem audit.jsonl.1 audit.jsonl",
                    "kist audit verify --expect "
                    "4:544d87657954fdb7a6be57c4282adff7492b12fbd1e6b739a26748fbdbe25ea3"},
       .options = {{"public-key", "PEM", "the file of the key that signs; for several keys, more",
                    true},
                   {"expect", "SEQUENCE:HASH", "a line that must be there, with this hash", true},
                   {"require-signatures", "", "fail if there is no key to check them with"}},
       .words_max = kAnyNumber,
       .run = verify},
      {.words = "audit tail",
       .arguments = "[FILE]",
       .summary = "Shows the end of the audit log",
       .details =
           "Without FILE, the log of the configuration. Checkpoints are shown unless records are "
           "chosen. --secret NAME also finds\nthe records that have only the id of a secret that "
           "was called so. --follow goes on when the file is put away, and\nends with a signal. "
           "Nothing is verified: that is 'kist audit verify'.\n",
       .examples = {"kist audit tail", "kist audit tail --follow --principal alice",
                    "kist audit tail --since '2026-03-01 12:00:00' --action secret.delete",
                    "kist audit tail --lines 1000 --secret db/password --output json"},
       .options = {{"lines", "N",
                    "the last N lines that are chosen (default 10; with --since all)"},
                   {"since", "TIME",
                    "only lines from this time on, such as '2026-03-01 12:00:00' (UTC)"},
                   {"follow", "", "wait for more"},
                   {"principal", "P", "only records of this principal"},
                   {"action", "A", "only records of this action, such as secret.get"},
                   {"secret", "SECRET", "only records of the secret with this name or id"}},
       .words_max = 1,
       .run = tail_audit_log}};
}

}  // namespace kist::cli
