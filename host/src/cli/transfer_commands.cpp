// SPDX-License-Identifier: Apache-2.0
#include "cli/transfer_commands.hpp"

#include "cli/secret_transfer.hpp"
#include "text/printable.hpp"

namespace kist::cli {
namespace {

constexpr OptionSpec kFormat{"format", "FORMAT", "'dotenv', 'json' or 'yaml'"};
constexpr OptionSpec kWorkspace{"workspace", "W",
                                "the workspace, by name or id (default 'default')"};

constexpr std::string_view kFormats =
    "dotenv  KEY='value' lines, which a shell's '.' and --from-env-file read too; keys must be "
    "names of variables\njson    {\"secrets\": [{\"name\", \"scope\", \"values\"}]}; bytes that "
    "are no "
    "UTF-8 as {\"base64\": \"...\"}\nyaml    the same; bytes that are no UTF-8 as !!binary\n";

}  // namespace

const FileFormat& format_argument(const Arguments& arguments) {
  const auto text = arguments.one("format");
  if (!text) throw UsageError("give --format dotenv, json or yaml");
  for (const FileFormat& format : file_formats()) {
    if (format.name == *text) return format;
  }
  throw UsageError("--format is " + core::in_quotes(*text, 64) +
                   "; expected 'dotenv', 'json' or 'yaml'");
}

std::vector<Command> transfer_commands() {
  return {
      {.words = "secret export",
       .arguments = "[NAME ...]",
       .summary = "Writes secrets with their values, all of a workspace or those named",
       .details = std::string(kFormats) +
                  "\nNames, scopes and values are written, and kist secret import reads them back "
                  "exactly.\n",
       .examples = {"kist secret export db --format dotenv --file db.env",
                    "kist secret export --format yaml --file secrets.yaml",
                    "kist secret export --format json | age -r age1... > secrets.age"},
       .options = {kFormat,
                   {"file", "PATH", "write this new file, for you alone (0600)"},
                   {"scope", "S", "only 'workspace' or only 'user'"},
                   kWorkspace},
       .words_max = kAnyNumber,
       .server = true,
       .run = export_secrets},
      {.words = "secret import",
       .arguments = "FILE",
       .summary = "Stores the secrets of a file that kist secret export wrote",
       .details =
           std::string(kFormats) +
           "\nFILE is '-' for standard input. Without --update nothing is stored if a secret "
           "is there already with\nother values; one that has the same is left alone, so that "
           "an import can be repeated.\n",
       .examples = {"kist secret import --format yaml secrets.yaml --dry-run",
                    "kist secret import --format yaml secrets.yaml --update",
                    "age -d secrets.age | kist secret import --format json -"},
       .options = {kFormat,
                   {"update", "", "give secrets that are there already the values of the file"},
                   {"dry-run", "", "show what would be done, and do nothing"},
                   kWorkspace},
       .words_min = 1,
       .words_max = 1,
       .server = true,
       .run = import_secrets}};
}

}  // namespace kist::cli
