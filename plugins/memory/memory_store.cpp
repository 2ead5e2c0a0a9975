// SPDX-License-Identifier: Apache-2.0
// The store that forgets: secrets in a map, gone when the host ends.

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <utility>

#include <kist/plugin.hpp>

namespace {

struct MemoryConfig : kist::SecretsStoreConfiguration {
  std::int64_t max_secrets = 0;

  static constexpr auto fields =
      kist::fields(kist::field<&MemoryConfig::max_secrets>("max_secrets",
                                                           "The most secrets that the store takes.")
                       .default_value(1'000'000)
                       .range(1, 100'000'000));
};

class MemoryStore final : public kist::RecordStore<MemoryConfig> {
 public:
  static constexpr auto TYPE = kist::SecretsStoreType::memory;
  using CONFIG_TYPE = MemoryConfig;
  static constexpr auto THREADING = kist::Threading::concurrent;
  static constexpr kist::Capabilities CAPABILITIES{.if_revision = true, .local = true};

  kist::WriteResult insert(kist::Call&, const kist::Secret& record) override {
    const std::unique_lock lock(mutex_);
    if (records_.contains(record.id)) return kist::WriteResult::id_taken;
    if (names_.contains(unique_name(record))) return kist::WriteResult::name_taken;
    if (records_.size() >= static_cast<std::size_t>(config().max_secrets)) {
      throw kist::Error(kist::ErrorCode::resource_exhausted,
                        "memory: the store is full: it holds max_secrets = " +
                            std::to_string(config().max_secrets) + " secrets");
    }
    // Both are built first: moving finished nodes into the maps cannot fail in between.
    Records new_record;
    new_record.emplace(record.id, record.clone());
    Names new_name;
    new_name.emplace(unique_name(record), record.id);
    records_.merge(new_record);
    names_.merge(new_name);
    return kist::WriteResult::done;
  }

  std::optional<kist::Secret> load(kist::Call&, const kist::Uuid& id) override {
    const std::shared_lock lock(mutex_);
    const auto found = records_.find(id);
    if (found == records_.end()) return std::nullopt;
    return found->second.clone();
  }

  kist::WriteResult replace(kist::Call&, const kist::Secret& record,
                            std::uint64_t expected_revision) override {
    const std::unique_lock lock(mutex_);
    const auto found = records_.find(record.id);
    if (found == records_.end()) return kist::WriteResult::absent;
    if (found->second.revision != expected_revision) return kist::WriteResult::changed;
    kist::Secret kept = record.clone();
    const auto [holder, is_new] = names_.emplace(unique_name(record), record.id);
    if (!is_new && holder->second != record.id) return kist::WriteResult::name_taken;
    if (is_new) names_.erase(unique_name(found->second));
    found->second = std::move(kept);
    return kist::WriteResult::done;
  }

  kist::WriteResult erase(kist::Call&, const kist::Uuid& id,
                          std::optional<std::uint64_t> expected_revision) override {
    const std::unique_lock lock(mutex_);
    const auto found = records_.find(id);
    if (found == records_.end()) return kist::WriteResult::absent;
    if (expected_revision && found->second.revision != *expected_revision)
      return kist::WriteResult::changed;
    names_.erase(unique_name(found->second));
    records_.erase(found);
    return kist::WriteResult::done;
  }

  void scan(kist::Call& call,
            const std::function<bool(const kist::SecretMetadata&)>& visit) override {
    const std::shared_lock lock(mutex_);
    for (const auto& [id, record] : records_) {
      call.check();
      if (!visit(record)) return;
    }
  }

 private:
  using Records = std::map<kist::Uuid, kist::Secret>;
  using Names = std::map<std::string, kist::Uuid>;  // From unique_name() to id.

  std::shared_mutex mutex_;
  Records records_;  // Guarded by mutex_.
  Names names_;      // Guarded by mutex_.
};

}  // namespace

KIST_PLUGIN(MemoryStore,
            {.id = "io.kist.memory",
             .version = KIST_SDK_VERSION,
             .summary = "Keeps secrets in memory, and forgets them when the host ends.",
             .vendor = "Kist",
             .license = "Apache-2.0"});
