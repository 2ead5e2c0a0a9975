// SPDX-License-Identifier: Apache-2.0
// A store in memory that keeps every rule but one, for the tests of the conformance kit: KIST_FAULT
// is the rule that it breaks.

#include <fcntl.h>
#include <sys/stat.h>

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <kist/plugin.hpp>

namespace {

constexpr std::string_view kFault = KIST_FAULT;

struct Config : kist::SecretsStoreConfiguration {
  static constexpr auto fields = kist::fields();
};

/// What it would be without the fault.
class GoodStore : public kist::RecordStore<Config> {
 public:
  kist::WriteResult insert(kist::Call&, const kist::Secret& record) override {
    const std::lock_guard lock(mutex_);
    if (records_.contains(record.id)) return kist::WriteResult::id_taken;
    if (is_name_taken(record)) return kist::WriteResult::name_taken;
    records_.emplace(record.id, record.clone());
    return kist::WriteResult::done;
  }

  std::optional<kist::Secret> load(kist::Call&, const kist::Uuid& id) override {
    const std::lock_guard lock(mutex_);
    const auto found = records_.find(id);
    if (found == records_.end()) return std::nullopt;
    return found->second.clone();
  }

  kist::WriteResult replace(kist::Call&, const kist::Secret& record,
                            std::uint64_t expected_revision) override {
    const std::lock_guard lock(mutex_);
    const auto found = records_.find(record.id);
    if (found == records_.end()) return kist::WriteResult::absent;
    if (found->second.revision != expected_revision) return kist::WriteResult::changed;
    if (is_name_taken(record)) return kist::WriteResult::name_taken;
    found->second = record.clone();
    return kist::WriteResult::done;
  }

  kist::WriteResult erase(kist::Call&, const kist::Uuid& id,
                          std::optional<std::uint64_t> expected_revision) override {
    const std::lock_guard lock(mutex_);
    const auto found = records_.find(id);
    if (found == records_.end()) return kist::WriteResult::absent;
    if (expected_revision && found->second.revision != *expected_revision)
      return kist::WriteResult::changed;
    records_.erase(found);
    return kist::WriteResult::done;
  }

  void scan(kist::Call& call,
            const std::function<bool(const kist::SecretMetadata&)>& visit) override {
    std::vector<kist::SecretMetadata> rows;
    {
      const std::lock_guard lock(mutex_);
      for (const auto& [id, record] : records_) rows.push_back(record);
    }
    for (const kist::SecretMetadata& row : rows) {
      call.check();
      if (!visit(row)) return;
    }
  }

 private:
  bool is_name_taken(const kist::Secret& record) const {
    for (const auto& [id, other] : records_)
      if (id != record.id && unique_name(other) == unique_name(record)) return true;
    return false;
  }

  std::mutex mutex_;
  std::map<kist::Uuid, kist::Secret> records_;  // Guarded by mutex_.
};

kist::SecretPatch copy_of(const kist::SecretPatch& patch) {
  kist::SecretPatch copy;
  for (std::size_t i = 0; i < patch.size(); ++i) {
    if (patch.removes(i))
      copy.remove(patch.key(i));
    else
      copy.set(patch.key(i), patch.value(i).reveal());
  }
  return copy;
}

class FaultyStore final : public kist::BaseSecretsStore<Config> {
 public:
  static constexpr auto TYPE = kist::SecretsStoreType::custom;
  using CONFIG_TYPE = Config;
  static constexpr auto THREADING = kist::Threading::concurrent;
  static constexpr kist::Capabilities CAPABILITIES{
      .persistent = kFault == "ST-19", .if_revision = true, .local = true};

  void initialize(kist::Call&) override {
    if (kFault == "KP-13") static_cast<void>(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  }

  kist::Secret create_secret(kist::Call& call, kist::Secret secret) override {
    if (kFault == "ST-4") good_.erase(call, secret.id, std::nullopt);
    if (kFault == "ST-1") return create_without_empty_values(call, std::move(secret));
    if (kFault == "KP-15" && secret.values.size() > 0)
      seen_ += (*secret.values.begin()).value.reveal();
    const std::string value(secret.values.size() == 0 ? ""
                                                      : (*secret.values.begin()).value.reveal());
    try {
      return good_.create_secret(call, std::move(secret));
    } catch (const kist::Error& error) {
      if (kFault == "ST-18")
        throw kist::Error(error.code, std::string(error.message()) + " with " + value);
      throw;
    }
  }

  kist::Secret get_secret(kist::Call& call, const kist::Uuid& id) override {
    if (kFault == "KP-14") ::umask(0);
    return good_.get_secret(call, id);
  }

  void list_secrets(kist::Call& call, const kist::ListQuery& query, kist::ListSink& sink) override {
    good_.list_secrets(call, query, sink);
  }

  kist::Secret update_secret(kist::Call& call, const kist::SecretUpdate& update) override {
    kist::SecretUpdate changed{.id = update.id,
                               .name = update.name,
                               .scope = update.scope,
                               .values = {},
                               .replace_values = update.replace_values,
                               .updated = update.updated,
                               .if_revision = update.if_revision};
    if (update.values) changed.values = copy_of(*update.values);
    if (kFault == "ST-10" && changed.values) changed.replace_values = true;
    if (kFault == "ST-13") changed.if_revision.reset();
    if (kFault == "ST-11") changed.updated = good_.get_secret(call, update.id).updated;
    return good_.update_secret(call, changed);
  }

  void delete_secret(kist::Call& call, const kist::Uuid& id,
                     std::optional<std::uint64_t> if_revision) override {
    try {
      good_.delete_secret(call, id, if_revision);
    } catch (const kist::Error& error) {
      if (kFault != "ST-15" || error.code != kist::ErrorCode::not_found) throw;
    }
  }

 private:
  kist::Secret create_without_empty_values(kist::Call& call, kist::Secret secret) {
    kist::Secret kept = secret.clone();
    kept.values = kist::SecretValues();
    for (const auto [key, value] : secret.values)
      if (!value.reveal().empty()) kept.values.set(key, value.reveal());
    good_.create_secret(call, std::move(kept));
    return secret;
  }

  GoodStore good_;
  std::string seen_;
};

}  // namespace

KIST_PLUGIN(FaultyStore, {.id = "org.example.faulty", .version = "1.0.0", .type = "faulty"});
