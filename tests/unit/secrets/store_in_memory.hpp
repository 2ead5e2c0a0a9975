// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <kist/record_store.hpp>

#include "secrets/list_slice.hpp"

namespace kist::core::testing {

/// A call without an end.
class PlainCall final : public Call {
 public:
  std::int64_t deadline_ns() const override { return INT64_MAX; }
  bool is_cancelled() const override { return false; }
  int cancel_fd() const override { return -1; }
};

struct NoConfig : SecretsStoreConfiguration {
  static constexpr auto fields = kist::fields();
};

/// A store that keeps the contract, with a hook where others write in between.
class MapStore final : public RecordStore<NoConfig> {
 public:
  WriteResult insert(Call&, const Secret& record) override {
    if (records.contains(record.id)) return WriteResult::id_taken;
    if (is_taken(record)) return WriteResult::name_taken;
    records.emplace(record.id, record.clone());
    return WriteResult::done;
  }
  std::optional<Secret> load(Call&, const Uuid& id) override {
    if (corrupt.contains(id)) throw Error(corrupt_code, "map: the values are damaged");
    const auto found = records.find(id);
    if (found == records.end()) return std::nullopt;
    return found->second.clone();
  }
  std::optional<SecretMetadata> load_metadata(Call&, const Uuid& id) override {
    const auto found = records.find(id);
    if (found == records.end()) return std::nullopt;
    return found->second;
  }
  WriteResult replace(Call&, const Secret& record, std::uint64_t expected) override {
    const auto found = records.find(record.id);
    if (found == records.end()) return WriteResult::absent;
    if (found->second.revision != expected) return WriteResult::changed;
    if (is_taken(record)) return WriteResult::name_taken;
    corrupt.erase(record.id);
    found->second = record.clone();
    return WriteResult::done;
  }
  WriteResult erase(Call&, const Uuid& id, std::optional<std::uint64_t> expected) override {
    const auto found = records.find(id);
    if (found == records.end()) return WriteResult::absent;
    if (expected && found->second.revision != *expected) return WriteResult::changed;
    records.erase(found);
    corrupt.erase(id);
    return WriteResult::done;
  }
  void scan(Call&, const std::function<bool(const SecretMetadata&)>& visit) override {
    for (const auto& [id, record] : records) {
      SecretMetadata row = record;
      row.readable = !corrupt.contains(id);
      if (!visit(row)) return;
    }
  }

  std::map<Uuid, Secret> records;
  std::set<Uuid> corrupt;
  ErrorCode corrupt_code = ErrorCode::corrupt;  ///< What a get of one of them answers.

 private:
  bool is_taken(const Secret& wanted) const {
    for (const auto& [id, record] : records) {
      if (id != wanted.id && unique_name(record) == unique_name(wanted)) return true;
    }
    return false;
  }
};

/// MapStore as the host sees a store that scans, and a record of what the host asked of it.
class StoreInMemory final : public SecretsStoreInterface {
 public:
  Secret create_secret(Call& call, Secret secret) override {
    calls.push_back("create " + secret.name);
    return map.create_secret(call, std::move(secret));
  }
  Secret get_secret(Call& call, const Uuid& id) override {
    calls.push_back("get");
    auto found = map.load(call, id);
    if (!found) throw Error(ErrorCode::not_found, "map: in words of its own: nothing");
    return std::move(*found);
  }
  void list_secrets(Call& call, const ListQuery& query, ListSink& sink) override {
    calls.push_back("list");
    queries.push_back(query);
    const ListQuery everything = {.visible = {}, .conditions = {}, .after = {}};
    ListSlice slice(lists_everything ? everything : query, sink);
    map.list_secrets(call, query, slice);
    slice.finish();
  }
  Secret update_secret(Call& call, const SecretUpdate& update) override {
    calls.push_back(update.if_revision ? "update at " + std::to_string(*update.if_revision)
                                       : "update");
    for (std::size_t i = 0; update.replace_values && i < update.values->size(); ++i) {
      if (update.values->removes(i)) throw Error(ErrorCode::internal, "map: a null in a whole map");
    }
    if (before_update) before_update();
    return map.update_secret(call, update);
  }
  void delete_secret(Call& call, const Uuid& id,
                     std::optional<std::uint64_t> if_revision) override {
    calls.push_back("delete");
    map.delete_secret(call, id, if_revision);
  }

  MapStore map;
  std::vector<std::string> calls;
  std::vector<ListQuery> queries;
  std::function<void()> before_update;
  bool lists_everything = false;  ///< A broken store: it shows what it was not asked for.
};

}  // namespace kist::core::testing
