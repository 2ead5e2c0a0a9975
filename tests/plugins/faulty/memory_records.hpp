// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include <kist/plugin.hpp>

#include "fault.hpp"

struct NoOptions : kist::SecretsStoreConfiguration {
  static constexpr auto fields = kist::fields();
};

/// Records in memory, with the faults that show below the SDK's rules.
class MemoryRecords : public kist::RecordStore<NoOptions> {
 public:
  using CONFIG_TYPE = NoOptions;
  using WriteResult = kist::WriteResult;

  MemoryRecords() {
    const std::lock_guard lock(open().mutex);
    open().stores.insert(this);
  }
  ~MemoryRecords() override {
    const std::lock_guard lock(open().mutex);
    open().stores.erase(this);
  }

  WriteResult insert(kist::Call&, const kist::Secret& record) override {
    std::unique_lock lock(mutex_);
    if (records_.contains(record.id)) return WriteResult::id_taken;
    if (is_name_taken(record)) return WriteResult::name_taken;
    if (fault_is("ST-3")) let_others_in(lock);
    records_.insert_or_assign(record.id, record.clone());
    return WriteResult::done;
  }

  std::optional<kist::Secret> load(kist::Call&, const kist::Uuid& id) override {
    {
      const std::lock_guard lock(mutex_);
      const auto found = records_.find(id);
      if (found != records_.end()) return found->second.clone();
    }
    return fault_is("ST-6") ? load_elsewhere(id) : std::nullopt;
  }

  WriteResult replace(kist::Call&, const kist::Secret& record,
                      std::uint64_t expected_revision) override {
    std::unique_lock lock(mutex_);
    if (fault_is("ST-14")) let_others_in(lock);
    const auto found = records_.find(record.id);
    if (found == records_.end()) return WriteResult::absent;
    if (!fault_is("ST-14") && found->second.revision != expected_revision)
      return WriteResult::changed;
    if (is_name_taken(record)) return WriteResult::name_taken;
    found->second = record.clone();
    return WriteResult::done;
  }

  WriteResult erase(kist::Call&, const kist::Uuid& id,
                    std::optional<std::uint64_t> expected_revision) override {
    const std::lock_guard lock(mutex_);
    const auto found = records_.find(id);
    if (found == records_.end()) return WriteResult::absent;
    if (expected_revision && found->second.revision != *expected_revision)
      return WriteResult::changed;
    records_.erase(found);
    return WriteResult::done;
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
  struct Open {
    std::mutex mutex;
    std::set<MemoryRecords*> stores;  // Guarded by mutex.
  };
  static Open& open() {
    static Open all;
    return all;
  }

  std::optional<kist::Secret> load_elsewhere(const kist::Uuid& id) const {
    const std::lock_guard lock(open().mutex);
    for (MemoryRecords* const other : open().stores) {
      if (other->deployment_id() == deployment_id()) continue;
      const std::lock_guard other_lock(other->mutex_);
      const auto found = other->records_.find(id);
      if (found != other->records_.end()) return found->second.clone();
    }
    return std::nullopt;
  }

  static void let_others_in(std::unique_lock<std::mutex>& lock) {
    lock.unlock();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    lock.lock();
  }

  bool is_name_taken(const kist::Secret& record) const {
    if (fault_is("ST-2") && record.scope == kist::Scope::user) return false;
    for (const auto& [id, other] : records_)
      if (id != record.id && unique_name(other) == unique_name(record)) return true;
    return false;
  }

  std::mutex mutex_;
  std::map<kist::Uuid, kist::Secret> records_;  // Guarded by mutex_.
};
