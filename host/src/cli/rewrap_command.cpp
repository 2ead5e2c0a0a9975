// SPDX-License-Identifier: Apache-2.0
#include "cli/rewrap_command.hpp"

#include <charconv>
#include <optional>
#include <string>

#include <boost/json/object.hpp>

#include "cli/json_output.hpp"
#include "cli/keyring_place.hpp"
#include "cli/open_host.hpp"
#include "cli/progress.hpp"
#include "cli/standard_streams.hpp"
#include "cli/table.hpp"
#include "sealing/rewrap.hpp"
#include "secrets/error_table.hpp"
#include "text/printable.hpp"

namespace kist::cli {
namespace {

using core::RewrapCounts;

std::optional<std::uint64_t> limit_argument(const Arguments& arguments) {
  const auto text = arguments.one("limit");
  if (!text) return std::nullopt;
  std::uint64_t limit = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
  if (error != std::errc{} || end != text->data() + text->size() || limit == 0)
    throw UsageError("--limit is " + core::in_quotes(*text, 64) +
                     "; expected a whole number of secrets from 1");
  return limit;
}

std::vector<Counter> counters_of(const RewrapCounts& counts) {
  return {{"scanned", counts.scanned}, {"rewrapped", counts.rewrapped},
          {"skipped", counts.skipped}, {"unsealed", counts.unsealed},
          {"failed", counts.failed},   {"remaining", counts.remaining()}};
}

ProgressState progress_of(const RewrapCounts& counts) {
  return {counts.scanned,
          counts.total,
          {{"rewrapped", counts.rewrapped},
           {"skipped", counts.skipped},
           {"unsealed", counts.unsealed},
           {"failed", counts.failed}}};
}

std::string advice(const RewrapCounts& counts, const core::RewrapOptions& options) {
  std::string text;
  if (options.dry_run) text += "Nothing was changed: this was a dry run.\n";
  if (counts.remaining() > 0)
    text +=
        options.dry_run
            ? "This run has not come to all secrets; the next dry run begins anew, so leave out "
              "--limit to see all.\n"
            : "This run has not come to all secrets: repeat the command until none remains.\n";
  if (counts.unsealed > 0)
    text +=
        "Some secrets have values that were never sealed; 'kist keys rewrap --help' says what "
        "--seal-unsealed does.\n";
  if (counts.failed > 0)
    text +=
        "Standard error names those that failed; take no key out of the keyring while there are "
        "any.\n";
  return text;
}

void write_counts(const Session& session, const RewrapCounts& counts,
                  const core::RewrapOptions& options) {
  if (session.json()) {
    boost::json::object document;
    for (const Counter& counter : counters_of(counts)) document[counter.name] = counter.count;
    document["dry_run"] = options.dry_run;
    return write_json(document);
  }
  Table table;
  for (const Counter& counter : counters_of(counts))
    table.row({std::string(counter.name), std::to_string(counter.count)});
  write_output(table.text() + advice(counts, options));
}

}  // namespace

int rewrap_values(Session& session, const Arguments& arguments) {
  core::RewrapOptions options;
  options.limit = limit_argument(arguments);
  options.dry_run = arguments.has("dry-run");
  options.seal_unsealed = arguments.has("seal-unsealed");
  OpenHost host(session);
  if (!host.plugin()) throw no_store();
  if (host.sealing() == nullptr)
    throw Error(ErrorCode::failed_precondition,
                "the values of this store are not sealed, so there is nothing to rewrap");
  Progress progress(session);
  std::optional<ErrorCode> first_failure;
  options.advanced = [&](const RewrapCounts& counts) { progress.show(progress_of(counts)); };
  options.failed = [&](const Error& error) {
    if (!first_failure) first_failure = error.code;
    progress.warn(std::string(to_string(error.code)) + ": " + std::string(error.message()));
  };
  core::Rewrap rewrap(host.raw_store(), host.sealing()->sealer, options);
  const auto finish = [&] {
    progress.finish(progress_of(rewrap.counts()));
    tell_of_change([&] { write_counts(session, rewrap.counts(), options); });
  };
  try {
    rewrap.run(interruptible_calls(session.interrupts, session.timeout));
  } catch (const Error&) {
    finish();  // What is done is done, and is told.
    throw;
  }
  finish();
  return first_failure ? core::error_row(*first_failure).exit_code : 0;
}

}  // namespace kist::cli
