// SPDX-License-Identifier: Apache-2.0
#include "cli/server_options.hpp"

#include <algorithm>
#include <string>

#include "cli/arguments.hpp"
#include "client/read_file.hpp"
#include "config/private_file.hpp"
#include "text/printable.hpp"

namespace kist::cli {
namespace {

constexpr std::size_t kTokenFileBytesMax = std::size_t{64} << 10;

struct Named {
  std::string text, source;
};

/// An empty variable is as one that is not set.
std::optional<std::string> variable(const core::Environment& environment, std::string_view name) {
  const SecretValue* const found = environment.find(name);
  if (found == nullptr || found->empty()) return std::nullopt;
  return std::string(found->reveal());
}

std::string hint_for(const Command& command) {
  return "see 'kist " + std::string(command.words) + " --help'";
}

std::optional<Named> server_named(const Command& command, const Arguments& arguments,
                                  const core::Environment& environment) {
  const auto given = arguments.one("server");
  const bool names_store =
      arguments.has("config") || arguments.secret_options.contains("store-option");
  if (given && !command.server)
    throw UsageError("'kist " + std::string(command.words) +
                         "' works on what is configured here, and knows no --server",
                     hint_for(command));
  if (given && names_store)
    throw UsageError(
        "--server leaves no store that --config or --store-option could name; use one "
        "of them",
        hint_for(command));
  if (given) return Named{*given, "--server"};
  if (!command.server || names_store) return std::nullopt;
  const auto text = variable(environment, "KIST_SERVER");
  if (!text) return std::nullopt;
  return Named{*text, "KIST_SERVER"};
}

void refuse_options_without_server(const Command& command, const Arguments& arguments) {
  for (const OptionSpec& option : server_options()) {
    if (arguments.has(option.name))
      throw UsageError(
          "--" + std::string(option.name) + " needs a server; name it with --server or KIST_SERVER",
          hint_for(command));
  }
}

/// Whoever wrote the token with an editor or echo did not mean the last newline.
SecretValue token_in(const std::string& path) {
  const SecretValue content = client::read_file(path, kTokenFileBytesMax);
  std::string_view text = content.reveal();
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  if (text.empty())
    throw Error(ErrorCode::invalid_argument,
                "file " + core::in_quotes(path, 4096) + ", which --token-file names, is empty");
  return SecretValue(text);
}

}  // namespace

std::optional<client::ServerSettings> server_of(const Command& command, const Arguments& arguments,
                                                const core::Environment& environment) {
  const SecretValue* const token = environment.find_secret("KIST_TOKEN");
  const auto named = server_named(command, arguments, environment);
  if (!named) {
    refuse_options_without_server(command, arguments);
    return std::nullopt;
  }
  client::ServerSettings settings;
  settings.address = client::parse_server_address(named->text, named->source);
  if (const auto path = arguments.one("token-file"))
    settings.token = token_in(*path);
  else if (token != nullptr)
    settings.token = token->clone();
  settings.tls.ca_file = arguments.one("ca");
  if (!settings.tls.ca_file) settings.tls.ca_file = variable(environment, "KIST_CA");
  settings.tls.certificate_file = arguments.one("client-certificate");
  settings.tls.key_file = arguments.one("client-key");
  if (settings.tls.key_file && !settings.tls.certificate_file)
    throw UsageError("--client-key needs --client-certificate beside it", hint_for(command));
  settings.plain_anywhere = arguments.has("insecure-http");
  return settings;
}

std::vector<std::string> server_warnings(const Arguments& arguments) {
  std::vector<std::string> warnings;
  // Without a file of its own, the key stands behind the certificate.
  const char* const key = arguments.has("client-key") ? "client-key" : "client-certificate";
  for (const std::string_view option : {"token-file", key}) {
    const auto path = arguments.one(option);
    if (!path) continue;
    if (const auto fault = core::why_not_private(*path))
      warnings.push_back("file " + core::in_quotes(*path, 4096) + ", which --" +
                         std::string(option) + " names, " + *fault);
  }
  return warnings;
}

}  // namespace kist::cli
