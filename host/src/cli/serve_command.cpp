// SPDX-License-Identifier: Apache-2.0
#include "cli/serve_command.hpp"

#include <string>

#include "http/listen_address.hpp"
#include "serve/development.hpp"
#include "serve/server_process.hpp"

namespace kist::cli {
namespace {

std::vector<std::string> listen_of(const Arguments& arguments) {
  const auto addresses = arguments.all("listen");
  return {addresses.begin(), addresses.end()};
}

/// Nothing of the environment or the working directory has a part in it.
int serve_for_development(Session& session, const Arguments& arguments) {
  if (session.config || !session.store_options.empty())
    throw UsageError(
        "--dev makes a configuration of its own; leave out --config and --store-option");
  const serve::Development development(session.environment);
  const core::Environment none;
  Session own{
      .environment = none, .interrupts = session.interrupts, .inherited = session.inherited};
  own.config = development.configuration();
  own.format = session.format;
  own.timeout = session.timeout;
  own.verbose = session.verbose;
  own.temporary = true;
  serve::ServeOptions options;
  options.listen = listen_of(arguments);
  options.any_port = options.listen.empty();
  options.started = [&](const std::vector<std::string>& addresses) {
    development.introduce(addresses.front());
  };
  return serve::ServerProcess(own, std::move(options)).run();
}

int serve_as_configured(Session& session, const Arguments& arguments) {
  if (arguments.has("dev")) return serve_for_development(session, arguments);
  serve::ServeOptions options;
  options.listen = listen_of(arguments);
  options.insecure_listen = arguments.has("insecure-listen");
  return serve::ServerProcess(session, std::move(options)).run();
}

}  // namespace

std::vector<Command> serve_commands() {
  return {
      {.words = "serve",
       .summary = "Serves the configured store over HTTP",
       .details =
           "It listens where 'http.listen' says, else at 127.0.0.1:8420, and logs to standard "
           "error. SIGTERM stops it when\nits requests are answered; SIGHUP makes it read its "
           "configuration, certificates, tokens and plugins anew, and\nbegin a new audit file.\n",
       .examples = {"kist serve --dev", "kist serve --config /etc/kist/kist.json",
                    "kist serve --listen unix:/run/kist/kist.sock"},
       .options = {{"dev", "", "serve a new store at this machine alone, and forget it at the end"},
                   {"listen", "ADDRESS", "listen here, in place of what is configured", true},
                   {"insecure-listen", "", "let other machines reach it without TLS"}},
       .run = serve_as_configured}};
}

}  // namespace kist::cli
