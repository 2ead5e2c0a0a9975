// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include <kist/secret_values.hpp>

#include "cli/command.hpp"
#include "cli/session.hpp"

namespace kist::cli {

/// The options that give a secret its values, beside the words KEY=VALUE, KEY=- and KEY.
std::span<const OptionSpec> value_options();

/// What all help of such a command says of values.
inline constexpr std::string_view kValueHelp =
    "A value comes from\n"
    "  KEY                   a prompt that does not show it\n"
    "  KEY=-                 standard input, all of it\n"
    "  --from-file KEY=PATH  a file, a pipe or <(a command)\n"
    "  --from-env-file PATH  lines KEY=VALUE, which may begin with 'export '; a line that starts "
    "with '#',\n"
    "                        also behind blanks, is a comment; between '…' all is as it is, "
    "between\n"
    "                        \"…\" \\n \\r \\t \\\\ \\\" \\$ are escapes\n"
    "  KEY=VALUE             the command line, where the shell's history and ps can show it\n"
    "Bytes from a file or standard input are kept as they are, a newline at the end too.\n";

/// Reads every value that the command line names: from itself (with one warning), from files, from
/// standard input, or by asking. The words behind the name are Arguments::secret_words.
/// Errors: invalid_argument, with no word of the command line that may be a value; those of files.
SecretPatch read_values(const Arguments& arguments, const Session& session);

/// Reads a file or a pipe to its end. Errors: not_found, permission_denied, unavailable;
/// invalid_argument: it is a directory; LimitExceeded: it is larger than any secret.
SecretValue read_value_file(const std::string& path, const Interrupts& interrupts);

}  // namespace kist::cli
