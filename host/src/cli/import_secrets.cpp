// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "cli/json_output.hpp"
#include "cli/progress.hpp"
#include "cli/secret_transfer.hpp"
#include "cli/secrets_here.hpp"
#include "cli/standard_streams.hpp"
#include "cli/table.hpp"
#include "cli/wiped_buffer.hpp"
#include "client/read_file.hpp"
#include "text/printable.hpp"

namespace kist::cli {
namespace {

constexpr std::size_t kFileBytesMax = std::size_t{64} << 20;

enum class Step { create, update, leave };

/// What is to be done for one secret of the file.
struct Plan {
  const FiledSecret* secret;
  Step step = Step::create;
  std::optional<Uuid> id = {};  ///< Of the one that is there.
  std::uint64_t revision = 0;
};

SecretValue read_source(const std::string& name, const Interrupts& interrupts) {
  if (name != "-") return client::read_file(name, kFileBytesMax);
  auto content = read_to_end(STDIN_FILENO, kFileBytesMax, interrupts);
  if (content) return std::move(*content);
  throw Error(ErrorCode::invalid_argument,
              "standard input holds more than " + std::to_string(kFileBytesMax) + " bytes");
}

SecretPatch patch_of(const SecretValues& values) {
  SecretPatch patch;
  for (const SecretValues::Entry entry : values) patch.set(entry.key, entry.value.reveal());
  return patch;
}

bool are_equal(const SecretValues& left, const SecretValues& right) {
  if (left.size() != right.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (left[i].key != right[i].key || left[i].value.reveal() != right[i].value.reveal())
      return false;
  }
  return true;
}

class Import {
 public:
  Import(Session& session, std::optional<std::string> workspace)
      : session_(session), workspace_(std::move(workspace)), secrets_(open_secrets(session)) {
    InterruptibleCall call(session_.interrupts, session_.timeout);
    workspace_id_ = secrets_->workspace_id(*call, workspace_).to_string();
  }

  std::vector<Plan> plan(const std::vector<FiledSecret>& secrets) {
    std::vector<Plan> plans;
    for (const FiledSecret& secret : secrets) {
      session_.interrupts.check();
      InterruptibleCall call(session_.interrupts, session_.timeout);
      plans.push_back(plan_of(*call, secret));
    }
    return plans;
  }

  void carry_out(const std::vector<Plan>& plans) {
    Progress progress(session_);
    std::uint64_t created = 0, updated = 0, done = 0;
    try {
      for (const Plan& plan : plans) {
        session_.interrupts.check();
        InterruptibleCall call(session_.interrupts, session_.timeout);
        if (plan.step == Step::create) {
          create(*call, *plan.secret);
          ++created;
        } else if (plan.step == Step::update) {
          update(*call, plan);
          ++updated;
        }
        progress.show({++done, plans.size(), {{"created", created}, {"updated", updated}}});
      }
    } catch (const Error& error) {
      throw Error(error.code, plans[done].secret->named() + ": " + std::string(error.message()) +
                                  "; " + std::to_string(done) +
                                  " secrets were dealt with before, and the import can be "
                                  "repeated safely");
    }
  }

 private:
  Plan plan_of(Call& call, const FiledSecret& secret) {
    const core::Page page = secrets_->list(call, {{"name", "equals:" + secret.name},
                                                  {"scope", std::string(to_string(secret.scope))},
                                                  {"workspace_id", workspace_id_}});
    if (page.items.empty()) return {&secret};
    const SecretMetadata& there = page.items.front();
    const core::ShownSecret shown = secrets_->get(call, there.id);
    const bool same = !shown.values_hidden && are_equal(shown.secret.values, secret.values);
    return {&secret, same ? Step::leave : Step::update, there.id, shown.secret.revision};
  }

  void create(Call& call, const FiledSecret& secret) {
    core::NewSecret wanted;
    wanted.name = secret.name;
    wanted.scope = secret.scope;
    wanted.workspace = workspace_;
    wanted.values = patch_of(secret.values);
    secrets_->create(call, wanted);
  }

  void update(Call& call, const Plan& plan) {
    core::SecretChange change;
    change.values = patch_of(plan.secret->values);
    change.replace_values = true;
    change.if_revision = plan.revision;
    secrets_->update(call, *plan.id, change);
  }

  Session& session_;
  std::optional<std::string> workspace_;
  std::unique_ptr<client::SecretsAccess> secrets_;
  std::string workspace_id_;
};

std::string_view result_of(Step step, bool dry_run) {
  constexpr std::string_view done[] = {"created", "updated", "unchanged"},
                             planned[] = {"would be created", "would be updated", "unchanged"};
  return (dry_run ? planned : done)[static_cast<int>(step)];
}

void write_plans(const Session& session, const std::vector<Plan>& plans, bool dry_run) {
  if (session.json()) {
    boost::json::array secrets;
    for (const Plan& plan : plans)
      secrets.push_back({{"name", plan.secret->name},
                         {"scope", to_string(plan.secret->scope)},
                         {"result", result_of(plan.step, false)}});
    return write_json({{"dry_run", dry_run}, {"secrets", std::move(secrets)}});
  }
  Table table({"NAME", "SCOPE", "KEYS", "RESULT"});
  for (const Plan& plan : plans)
    table.row({plan.secret->name, std::string(to_string(plan.secret->scope)),
               std::to_string(plan.secret->values.size()),
               std::string(result_of(plan.step, dry_run))});
  write_output(table.text());
}

void refuse_changes(const std::vector<Plan>& plans) {
  const auto count = std::ranges::count(plans, Step::update, &Plan::step);
  if (count == 0) return;
  const auto first = std::ranges::find(plans, Step::update, &Plan::step);
  throw Error(ErrorCode::already_exists,
              "nothing was imported: " + std::to_string(count) + " of " +
                  std::to_string(plans.size()) + " secrets are there already with other values, " +
                  first->secret->named() + " for one; --update changes them");
}

}  // namespace

int import_secrets(Session& session, const Arguments& arguments) {
  const FileFormat& format = format_argument(arguments);
  const std::string& source = arguments.words[0];
  if (source.empty()) throw UsageError("FILE is empty; expected a file, or '-'");
  const std::vector<FiledSecret> secrets = [&] {
    const SecretValue text = read_source(source, session.interrupts);
    const std::string name = source == "-" ? "standard input" : source;
    std::vector<FiledSecret> found = format.read(text.reveal(), name);
    check_filed(found, name);
    return found;
  }();
  Import import(session, arguments.one("workspace"));
  const std::vector<Plan> plans = import.plan(secrets);
  const bool dry_run = arguments.has("dry-run");
  if (!arguments.has("update") && !dry_run) refuse_changes(plans);
  if (!dry_run) import.carry_out(plans);
  tell_of_change([&] { write_plans(session, plans, dry_run); });
  return 0;
}

}  // namespace kist::cli
