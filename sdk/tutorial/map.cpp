// SPDX-License-Identifier: Apache-2.0
// The smallest store that keeps the contract: docs/plugins/tutorial.md.

#include <functional>
#include <map>
#include <optional>

#include <kist/plugin.hpp>

namespace {

using kist::WriteResult;

struct NotesConfig : kist::SecretsStoreConfiguration {
  static constexpr auto fields = kist::fields();
};

class NotesStore final : public kist::RecordStore<NotesConfig> {
 public:
  static constexpr auto TYPE = kist::SecretsStoreType::custom;
  using CONFIG_TYPE = NotesConfig;

  WriteResult insert(kist::Call&, const kist::Secret& record) override {
    if (records_.contains(record.id)) return WriteResult::id_taken;
    if (is_name_taken(record)) return WriteResult::name_taken;
    records_.emplace(record.id, record.clone());
    return WriteResult::done;
  }

  std::optional<kist::Secret> load(kist::Call&, const kist::Uuid& id) override {
    const auto found = records_.find(id);
    if (found == records_.end()) return std::nullopt;
    return found->second.clone();
  }

  WriteResult replace(kist::Call&, const kist::Secret& record,
                      std::uint64_t expected_revision) override {
    const auto found = records_.find(record.id);
    if (found == records_.end()) return WriteResult::absent;
    if (found->second.revision != expected_revision) return WriteResult::changed;
    if (is_name_taken(record)) return WriteResult::name_taken;
    found->second = record.clone();
    return WriteResult::done;
  }

  WriteResult erase(kist::Call&, const kist::Uuid& id,
                    std::optional<std::uint64_t> expected_revision) override {
    const auto found = records_.find(id);
    if (found == records_.end()) return WriteResult::absent;
    if (expected_revision && found->second.revision != *expected_revision)
      return WriteResult::changed;
    records_.erase(found);
    return WriteResult::done;
  }

  void scan(kist::Call& call,
            const std::function<bool(const kist::SecretMetadata&)>& visit) override {
    for (const auto& [id, record] : records_) {
      call.check();
      if (!visit(record)) return;
    }
  }

 private:
  bool is_name_taken(const kist::Secret& record) const {
    for (const auto& [id, other] : records_)
      if (id != record.id && kist::unique_name(other) == kist::unique_name(record)) return true;
    return false;
  }

  std::map<kist::Uuid, kist::Secret> records_;
};

}  // namespace

KIST_PLUGIN(NotesStore, {.id = "org.example.notes",
                         .version = "1.0.0",
                         .type = "notes",
                         .summary = "Keeps secrets in a map.",
                         .vendor = "Example Vendor",
                         .license = "Apache-2.0"});
