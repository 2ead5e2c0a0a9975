// SPDX-License-Identifier: Apache-2.0
// A store in memory that filters, sorts and pages by itself, with the host's own code for it.
#include <algorithm>

#include "faulty_store.hpp"
#include "faulty_tables.hpp"
#include "memory_records.hpp"
#include "secrets/list_slice.hpp"

namespace {

using kist::Operator;

class QueryingStore final : public FaultyStore<MemoryRecords> {
 public:
  static constexpr kist::Capabilities CAPABILITIES{
      .native_query = true, .if_revision = true, .local = true};

  void list_secrets(kist::Call& call, const kist::ListQuery& query, kist::ListSink& sink) override {
    refuse_unknown(query);
    kist::ListQuery asked = query;
    if (fault_is("FL-2")) take_percent_for_all(asked);
    if (fault_is("FL-4")) include_the_end(asked);
    if (fault_is("FL-5") && asked.match_any && !asked.conditions.empty()) asked.visible = {};
    if (fault_is("FL-7") && asked.offset == UINT64_MAX) asked.offset = 0;
    if (fault_is("FL-8") && asked.after && is_gone(call, asked.after->id)) asked.after.reset();
    if (fault_is("ST-8") && asked.sort == kist::Field::revision) asked.descending = false;
    kist::core::ListSlice slice(asked, sink);
    FaultyStore::list_secrets(call, {}, slice);
    slice.finish();
  }

 private:
  static bool is_known(kist::Field field, kist::Field last) {
    return field >= kist::Field::id && field <= last;
  }
  /// What a later version of the host may ask (KP-8).
  static void refuse_unknown(const kist::ListQuery& query) {
    bool known = is_known(query.sort, kist::Field::revision);
    for (const kist::Condition& condition : query.conditions) {
      const bool of_time =
          condition.field == kist::Field::created || condition.field == kist::Field::updated;
      const bool by_time =
          condition.op == Operator::in_range || condition.op == Operator::not_in_range;
      known = known && is_known(condition.field, kist::Field::updated) && of_time == by_time &&
              condition.op >= Operator::equals && condition.op <= Operator::not_in_range;
    }
    if (!known) throw kist::Error(kist::ErrorCode::unimplemented, "the query is not known");
  }

  static void take_percent_for_all(kist::ListQuery& query) {
    for (kist::Condition& condition : query.conditions)
      if (condition.op == Operator::contains && condition.texts[0].find('%') != std::string::npos)
        condition.texts[0] = "";
  }

  static void include_the_end(kist::ListQuery& query) {
    for (kist::Condition& condition : query.conditions)
      if (condition.until != kist::Timestamp::max())
        condition.until += std::chrono::microseconds(1);
  }

  bool is_gone(kist::Call& call, const kist::Uuid& id) { return !good_.load(call, id).has_value(); }
};

}  // namespace

// The entry point of the store in C++ is not the one that is exported.
#define kist_plugin_v1 good_plugin_v1
KIST_PLUGIN(QueryingStore, {.id = "org.example.queries", .version = "1.0.0", .type = "queries"});
#undef kist_plugin_v1

extern "C" const kist_plugin* kist_plugin_v1(const kist_host* host) KIST_NOEXCEPT {
  return FaultyTables<kist::detail::PluginTables<KistPluginDefinition>>::entry(
      kist::detail::can_serve(host));
}
