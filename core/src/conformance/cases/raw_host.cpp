// SPDX-License-Identifier: Apache-2.0
#include "raw_host.hpp"

#include <dlfcn.h>

#include <cstring>
#include <stdexcept>

#include <kist/abi.hpp>
#include <kist/secret_memory.hpp>

#include "failing_allocation.hpp"

namespace kist::conformance {
namespace {

/// A function of the host runs, in which no allocation fails. Each begins with it, once.
class HostTurn {
 public:
  // Only the plugin may not change the call.
  explicit HostTurn(const kist_call* call)
      : self_(*reinterpret_cast<RawCall*>(const_cast<kist_call*>(call))) {
    ++self_.host_calls;
    if (self_.host_calls == self_.cancel_at) self_.is_cancelled = true;
    if (self_.host_calls == self_.expire_at) self_.deadline_ns = 1;
  }
  RawCall* operator->() const { return &self_; }

 private:
  RawCall& self_;
  const AllocationsSucceed pause_;
};

kist_status fail(kist_call* call, kist_status code, const kist_error* error) noexcept {
  const HostTurn self(call);
  self->failed_with = code;
  self->message =
      std::string(abi::view(error->message)) + " " + std::string(abi::view(error->backend_code));
  return code;
}
int64_t deadline_ns(const kist_call* call) noexcept { return HostTurn(call)->deadline_ns; }
int is_cancelled(const kist_call* call) noexcept { return HostTurn(call)->is_cancelled ? 1 : 0; }
int cancel_fd(kist_call* call) noexcept {
  const HostTurn turn(call);
  return -1;
}

kist_status secret_begin(kist_call* call, const kist_record* record) noexcept {
  const HostTurn self(call);
  ++self->secrets_begun;
  abi::assign(self->record, abi::read(record));
  return self->answer_to_begin;
}
void* value_reserve(kist_call* call, kist_bytes key, size_t size) noexcept {
  const HostTurn self(call);
  ++self->values_reserved;
  if (self->refuses_memory) return nullptr;
  self->key = abi::view(key);
  self->memory.assign(size + 1, 0);  // One more, so that a size of 0 gives a pointer.
  return self->memory.data();
}
kist_status value_commit(kist_call* call, size_t size) noexcept {
  const HostTurn self(call);
  if (self->keeps_values) self->values[self->key] = std::string(self->memory.data(), size);
  wipe(self->memory.data(), self->memory.size());
  return KIST_OK;
}
kist_status list_item(kist_call* call, const kist_record* record) noexcept {
  const HostTurn self(call);
  if (self->rows.size() >= self->enough_after_rows) ++self->rows_after_enough;
  self->rows.emplace_back(abi::view(abi::read(record).name));
  return self->rows.size() >= self->enough_after_rows ? KIST_ENOUGH : KIST_OK;
}
kist_status list_total(kist_call* call, uint64_t) noexcept {
  const HostTurn turn(call);
  return KIST_OK;
}
/// Where the kit ends and the plugin begins.
template <class Function>
kist_status enter_plugin(RawCall& call, Function function) {
  const FailingAllocation failing(call.failing_allocation);
  const kist_status status = function();
  call.allocation_has_failed = call.failing_allocation != 0 && failing.has_failed();
  return status;
}

const void* get_service(const kist_host*, const char*) noexcept { return nullptr; }

}  // namespace

RawHost::RawHost() {
  constexpr detail::SecretMemory heap = detail::kHeap;
  future_.table = {sizeof(Future), KIST_ABI_MINOR + 7, "another host", "99.0.0",      fail,
                   deadline_ns,    is_cancelled,       cancel_fd,      secret_begin,  value_reserve,
                   value_commit,   list_item,          list_total,     heap.allocate, heap.release,
                   take_log,       get_service};
  std::memset(future_.members_of_later_versions, 0xA5, sizeof(future_.members_of_later_versions));
}

void RawHost::take_log(const kist_host* host, int32_t, kist_bytes message) noexcept {
  // The table is the first member of the first member.
  auto& self = *reinterpret_cast<RawHost*>(const_cast<kist_host*>(host));
  const AllocationsSucceed pause;
  const std::lock_guard lock(self.mutex_);
  self.log_ += std::string(abi::view(message)) + "\n";
}

std::string RawHost::log() const {
  const std::lock_guard lock(mutex_);
  return log_;
}

kist_plugin_entry* raw_entry() {
  const std::string path = store_under_test().plugin.native();
  void* const library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) throw std::runtime_error(::dlerror());
  return reinterpret_cast<kist_plugin_entry*>(::dlsym(library, "kist_plugin_v1"));
}

const kist_store_type* raw_type(const kist_host* host) {
  const kist_plugin* const plugin = raw_entry()(host);
  if (plugin == nullptr) return nullptr;
  for (auto* const* type = plugin->store_types; *type != nullptr; ++type) {
    if (store_under_test().type == (*type)->name) return *type;
  }
  throw std::runtime_error("the plugin has no store type " + store_under_test().type);
}

kist_status raw_open(const kist_host* host, const StoreHome& home, RawCall& call,
                     kist_store** store) {
  const core::CheckedOptions given = home.options();
  std::vector<std::string> texts;
  texts.reserve(given.options.size());
  std::vector<kist_option> options;
  for (const core::CheckedOption& option : given.options) {
    const std::string& text = texts.emplace_back(option.text.reveal());
    options.push_back({abi::bytes(option.name), abi::bytes(text),
                       static_cast<uint32_t>(option.kind), option.secret ? 1u : 0u});
  }
  kist_open_request request{};
  request.deployment_id = abi::uuid(home.deployment_id());
  request.options = options.data();
  request.option_count = options.size();
  const Grown<kist_open_request> grown(request);
  const kist_store_type& type = *raw_type(host);
  const kist_status status =
      enter_plugin(call, [&] { return type.open(host, call.handle(), &grown.request, store); });
  for (std::string& text : texts) std::memset(text.data(), 0xDD, text.size());
  return status;
}

RawStore::RawStore(const kist_host* host, const StoreHome& home) {
  const kist_store_type* const type = raw_type(host);
  if (type == nullptr) throw std::runtime_error("the plugin does not serve this host");
  table_ = type->table;
  RawCall call;
  if (raw_open(host, home, call, &store_) != KIST_OK)
    throw std::runtime_error("open failed: " + call.message);
}

RawStore::~RawStore() { table_->close(store_); }

kist_status RawStore::create(RawCall& call, const Secret& secret) {
  std::vector<kist_value> values;
  for (const auto entry : secret.values) {
    values.push_back({abi::bytes(entry.key), abi::bytes(entry.value.reveal()), 0, 0});
  }
  const Grown<kist_record> record(abi::record(secret));
  kist_create_request request{};
  request.record = &record.request;
  request.values = values.data();
  request.value_count = values.size();
  const Grown<kist_create_request> grown(request);
  return enter_plugin(call,
                      [&] { return table_->create_secret(store_, call.handle(), &grown.request); });
}

kist_status RawStore::get(RawCall& call, const Uuid& id) {
  kist_get_request request{};
  request.id = abi::uuid(id);
  const Grown<kist_get_request> grown(request);
  return enter_plugin(call,
                      [&] { return table_->get_secret(store_, call.handle(), &grown.request); });
}

kist_status RawStore::list(RawCall& call, const kist_list_request& request) {
  const Grown<kist_list_request> grown(request);
  return enter_plugin(call,
                      [&] { return table_->list_secrets(store_, call.handle(), &grown.request); });
}

kist_status RawStore::update(RawCall& call, const kist_update_request& request) {
  const Grown<kist_update_request> grown(request);
  return enter_plugin(call,
                      [&] { return table_->update_secret(store_, call.handle(), &grown.request); });
}

kist_status RawStore::remove(RawCall& call, const Uuid& id) {
  kist_delete_request request{};
  request.id = abi::uuid(id);
  const Grown<kist_delete_request> grown(request);
  return enter_plugin(call,
                      [&] { return table_->delete_secret(store_, call.handle(), &grown.request); });
}

kist_list_request list_all() {
  kist_list_request request{};
  request.struct_size = sizeof(request);
  request.flags = KIST_LIST_ALL_WORKSPACES | KIST_LIST_ALL_USERS;
  request.sort_field = KIST_FIELD_NAME;
  request.limit = UINT64_MAX;
  return request;
}

}  // namespace kist::conformance
