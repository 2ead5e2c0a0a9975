// SPDX-License-Identifier: Apache-2.0
#include "loader/plugin_store.hpp"

#include <chrono>
#include <exception>
#include <utility>

#include <kist/abi.hpp>

#include "loader/abi_query.hpp"
#include "loader/process_state.hpp"
#include "secrets/list_slice.hpp"

namespace kist::core {
namespace {

/// How often a call that waits for its turn looks whether its caller still waits.
constexpr std::chrono::milliseconds kTurnPoll{50};

std::vector<kist_value> values_of(const SecretValues& values) {
  std::vector<kist_value> result;
  result.reserve(values.size());
  for (const auto entry : values) {
    result.push_back({abi::bytes(entry.key), abi::bytes(entry.value.reveal()), 0, 0});
  }
  return result;
}

std::vector<kist_value> values_of(const SecretPatch& patch) {
  std::vector<kist_value> result;
  result.reserve(patch.size());
  for (std::size_t i = 0; i < patch.size(); ++i) {
    result.push_back({abi::bytes(patch.key(i)), abi::bytes(patch.value(i).reveal()),
                      patch.removes(i) ? 1u : 0u, 0});
  }
  return result;
}

kist_update_request request_of(const SecretUpdate& update, const std::vector<kist_value>& values) {
  kist_update_request request{};
  request.struct_size = sizeof(request);
  request.id = abi::uuid(update.id);
  request.updated_us = abi::microseconds(update.updated);
  if (update.name) {
    request.flags |= KIST_UPDATE_NAME;
    request.name = abi::bytes(*update.name);
  }
  if (update.scope) {
    request.flags |= KIST_UPDATE_SCOPE;
    request.scope = static_cast<std::uint32_t>(*update.scope);
  }
  if (update.values) {
    request.flags |= KIST_UPDATE_VALUES;
    if (update.replace_values) request.flags |= KIST_UPDATE_REPLACE;
    request.values = values.data();
    request.value_count = values.size();
  }
  if (update.if_revision) {
    request.flags |= KIST_UPDATE_IF_REVISION;
    request.if_revision = *update.if_revision;
  }
  return request;
}

class Stopwatch {
 public:
  std::chrono::nanoseconds elapsed() const { return std::chrono::steady_clock::now() - began_; }

 private:
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

TracedCall::Amount amount_of(std::span<const kist_value> values) {
  TracedCall::Amount amount{values.size(), 0};
  for (const kist_value& value : values) amount.bytes += value.key.size + value.value.size;
  return amount;
}

}  // namespace

PluginStore::PluginStore(std::shared_ptr<const PluginImage> image, const kist_store_type& type,
                         const StoreTypeManifest& manifest, const HostTable& host)
    : image_(std::move(image)),
      type_(type),
      manifest_(manifest),
      table_(*type.table),
      host_(host) {}

PluginStore::~PluginStore() {
  if (store_ == nullptr) return;
  TracedCall closed = traced("close");
  const Stopwatch watch;
  table_.close(store_);
  closed.took = watch.elapsed();
  tell(closed);
}

std::unique_ptr<PluginStore> PluginStore::open(std::shared_ptr<const PluginImage> image,
                                               const std::string& type, const HostTable& host,
                                               Call& call, const Settings& settings) {
  const kist_store_type& table = image->store_type(type);
  const StoreTypeManifest& manifest = *image->manifest().store(type);
  std::unique_ptr<PluginStore> store(new PluginStore(std::move(image), table, manifest, host));
  store->trace_ = settings.trace;

  std::vector<kist_option> options;
  options.reserve(settings.options.size());
  for (const OpenOption& option : settings.options) {
    options.push_back({abi::bytes(option.name), abi::bytes(option.text.reveal()),
                       static_cast<std::uint32_t>(option.kind),
                       option.secret ? std::uint32_t{KIST_OPTION_IS_SECRET} : 0u});
    if (option.secret) store->secret_options_.push_back(option.text.clone());
  }
  for (const SecretValue& option : store->secret_options_)
    store->host_.secrets.push_back(option.reveal());
  kist_open_request request{};
  request.struct_size = sizeof(request);
  request.deployment_id = abi::uuid(settings.deployment_id);
  request.options = options.data();
  request.option_count = options.size();

  kist_call abi_call(call, kist_call::Owed::nothing);
  store->keep_options_from_messages(abi_call);
  const ProcessState before = ProcessState::capture();
  kist_store* opened = nullptr;
  TracedCall traced = store->traced("open");
  {
    const kist_call::Running running(abi_call);
    const Stopwatch watch;
    traced.status = table.open(&store->host_, &abi_call, &request, &opened);
    traced.took = watch.elapsed();
  }
  const auto changed = before.restore();
  // What came with a failure is not to be touched.
  if (traced.status == KIST_OK) store->store_ = opened;
  store->finish(abi_call, traced);
  if (store->store_ == nullptr) {
    throw Error(ErrorCode::internal,
                type + ": the store broke a rule of the ABI: KP-29: it opened without a store");
  }
  if (!changed.empty()) {
    throw PluginRefused(store->image_->path().native(),
                        {"KP-14", "opening a store changed " + changed.front(),
                         "a plugin that leaves the process as it is"});
  }
  return store;
}

void PluginStore::Turn::take(const Call& call) {
  std::unique_lock lock(mutex_);
  while (!free_.wait_for(lock, kTurnPoll, [this] { return !taken_; })) call.check();
  taken_ = true;
}

void PluginStore::Turn::give_back() {
  {
    const std::lock_guard lock(mutex_);
    taken_ = false;
  }
  free_.notify_one();
}

void PluginStore::keep_options_from_messages(kist_call& call) const {
  for (const SecretValue& option : secret_options_) call.keep_from_messages(option.reveal());
}

template <class Operation>
void PluginStore::run(kist_call& call, TracedCall traced, Operation&& operation) {
  keep_options_from_messages(call);
  const auto give_back = [](Turn* turn) { turn->give_back(); };
  std::unique_ptr<Turn, decltype(give_back)> turn(nullptr, give_back);
  if (type_.threading != KIST_THREADING_CONCURRENT) {
    turn_.take(call.circumstances());
    turn.reset(&turn_);
  }
  const kist_call::Running running(call);
  if (!trace_) [[likely]]
    return call.finish(operation(), manifest_.type);
  const Stopwatch watch;
  traced.status = operation();
  traced.took = watch.elapsed();
  finish(call, traced);
}

void PluginStore::finish(kist_call& call, TracedCall& traced) const {
  call.add_result_to(traced);
  try {
    call.finish(traced.status, manifest_.type);
  } catch (const Error& error) {
    traced.error = error.code;
    tell(traced);
    throw;
  }
  tell(traced);
}

TracedCall PluginStore::traced(std::string_view function, std::optional<Uuid> id,
                               std::optional<std::span<const kist_value>> given) const {
  TracedCall traced;
  traced.store = manifest_.type;
  traced.function = function;
  traced.id = id;
  if (given && trace_) traced.given = amount_of(*given);
  return traced;
}

void PluginStore::tell(const TracedCall& traced) const noexcept {
  try {
    if (trace_) trace_(traced);
  } catch (const std::exception&) {
    // A line that cannot be logged is lost; what the call did is not.
  }
}

/// The result of `call`, which must be the secret that was asked for and nothing else: a secret
/// served to the wrong one is worse than none.
Secret PluginStore::take(kist_call& call, const Uuid& id) const {
  Secret secret = call.take_secret();
  if (secret.id != id) {
    throw Error(call.code_of_misuse(),
                manifest_.type + ": the store broke a rule of the ABI: KP-29: it gave secret " +
                    secret.id.to_string() + " for " + id.to_string());
  }
  if (!is_sound_name(secret.name)) {
    throw Error(ErrorCode::corrupt,
                manifest_.type + ": the name of secret " + id.to_string() + " is damaged");
  }
  return secret;
}

Secret PluginStore::create_secret(Call& call, Secret secret) {
  kist_call abi_call(call, kist_call::Owed::written_secret);
  const kist_record record = abi::record(secret);
  const std::vector<kist_value> values = values_of(secret.values);
  for (const kist_value& value : values) abi_call.keep_from_messages(abi::view(value.value));
  kist_create_request request{};
  request.struct_size = sizeof(request);
  request.record = &record;
  request.values = values.data();
  request.value_count = values.size();
  run(abi_call, traced("create_secret", secret.id, values),
      [&] { return table_.create_secret(store_, &abi_call, &request); });
  return take(abi_call, secret.id);
}

Secret PluginStore::get_secret(Call& call, const Uuid& id) {
  kist_call abi_call(call, kist_call::Owed::secret);
  kist_get_request request{};
  request.struct_size = sizeof(request);
  request.id = abi::uuid(id);
  run(abi_call, traced("get_secret", id),
      [&] { return table_.get_secret(store_, &abi_call, &request); });
  return take(abi_call, id);
}

Secret PluginStore::update_secret(Call& call, const SecretUpdate& update) {
  kist_call abi_call(call, kist_call::Owed::written_secret);
  const std::vector<kist_value> values =
      update.values ? values_of(*update.values) : std::vector<kist_value>();
  for (const kist_value& value : values) abi_call.keep_from_messages(abi::view(value.value));
  const kist_update_request request = request_of(update, values);
  run(abi_call, traced("update_secret", update.id, values),
      [&] { return table_.update_secret(store_, &abi_call, &request); });
  return take(abi_call, update.id);
}

void PluginStore::delete_secret(Call& call, const Uuid& id,
                                std::optional<std::uint64_t> if_revision) {
  kist_call abi_call(call, kist_call::Owed::nothing);
  kist_delete_request request{};
  request.struct_size = sizeof(request);
  request.id = abi::uuid(id);
  if (if_revision) {
    request.flags |= KIST_DELETE_IF_REVISION;
    request.if_revision = *if_revision;
  }
  run(abi_call, traced("delete_secret", id),
      [&] { return table_.delete_secret(store_, &abi_call, &request); });
}

void PluginStore::list_secrets(Call& call, const ListQuery& query, ListSink& sink) {
  if (!manifest_.has("scan")) return stream(call, query, sink);
  ListSlice slice(query, sink);
  stream(call, {}, slice);
  slice.finish();
}

void PluginStore::stream(Call& call, const ListQuery& query, ListSink& sink) {
  const AbiQuery abi_query(query);
  kist_call abi_call(call, kist_call::Owed::rows);
  abi_call.send_rows_to(sink, query.with_total);
  run(abi_call, traced("list_secrets"),
      [&] { return table_.list_secrets(store_, &abi_call, &abi_query.request()); });
}

void PluginStore::check_health(Call& call) {
  if (!KIST_HAS(&table_, health)) return call.check();
  kist_call abi_call(call, kist_call::Owed::nothing);
  run(abi_call, traced("health"), [&] { return table_.health(store_, &abi_call); });
}

}  // namespace kist::core
