// SPDX-License-Identifier: Apache-2.0
#include "loader/abi_call.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include <kist/abi.hpp>

#include "loader/message_redaction.hpp"
#include "secrets/validation.hpp"
#include "text/printable.hpp"

using kist::Error;
using kist::ErrorCode;

namespace {

constexpr std::size_t kMessageBytesMax = 1024;

/// UTF-8 without NUL. Keys are words, and so printable, nearly always.
bool is_sound_key(std::string_view key) {
  return kist::core::is_printable(key) ||
         (kist::core::is_utf8(key) && key.find('\0') == std::string_view::npos);
}

bool is_scope(std::uint32_t scope) {
  return scope == KIST_SCOPE_WORKSPACE || scope == KIST_SCOPE_USER;
}

}  // namespace

void kist_call::add_secrets_to(std::vector<std::string_view>& secrets) const {
  secrets.insert(secrets.end(), kept_from_messages_.begin(), kept_from_messages_.end());
  for (const auto entry : secret_.values) secrets.push_back(entry.value.reveal());
}

std::string kist_call::shown(kist_bytes message) const {
  std::vector<std::string_view> secrets;
  add_secrets_to(secrets);
  return kist::core::redacted(kist::abi::view(message), secrets, kMessageBytesMax);
}

kist_status kist_call::misuse(const char* what) {
  const char* none = nullptr;
  misuse_.compare_exchange_strong(none, what);
  return KIST_INTERNAL;
}

void* kist_call::refuse_value() {
  if (!failure_) {
    failure_.emplace(is_write() ? ErrorCode::indeterminate : ErrorCode::resource_exhausted,
                     "the secret is larger than " + std::to_string(kist::core::kMaxSecretBytes) +
                         " bytes or has more than " + std::to_string(kist::core::kMaxKeys) +
                         " keys");
  }
  return nullptr;
}

kist_status kist_call::fail(kist_status code, const kist_error& error) {
  if (failure_) return static_cast<kist_status>(failure_->code);
  const std::string message = shown(error.message);
  failure_.emplace(kist::error_code_from(code),
                   message.empty() ? "the store gave no reason" : message);
  failure_->backend_code = shown(error.backend_code);
  failure_->retry_after = std::chrono::milliseconds(error.retry_after_ms);
  failure_->store_broken = (error.flags & KIST_ERROR_STORE_BROKEN) != 0;
  return static_cast<kist_status>(failure_->code);
}

kist_status kist_call::secret_begin(const kist_record& record) {
  if (!owes_secret()) return misuse("KP-29: it began a secret in a call that has none");
  if (stage_ != Stage::nothing) return misuse("KP-29: it began a second secret");
  if (!is_scope(record.scope))
    return misuse("KP-29: the secret's scope is neither workspace nor user");
  if (record.name.size > kist::core::kMaxNameBytes)
    return misuse("KP-29: the secret's name is longer than 1020 bytes");
  kist::abi::assign(secret_, record);
  secret_.readable = true;
  stage_ = Stage::between_values;
  return KIST_OK;
}

void* kist_call::value_reserve(std::string_view key, std::size_t size) {
  if (stage_ != Stage::between_values) {
    misuse("KP-29: it reserved a value outside of a secret, or before the last one was committed");
    return nullptr;
  }
  if (key.empty() || key.size() > kist::core::kMaxKeyBytes) {
    misuse("KP-29: a key of the secret is not 1 to 255 bytes long");
    return nullptr;
  }
  if (!is_sound_key(key)) {
    misuse("KP-29: a key of the secret is not UTF-8 without NUL");
    return nullptr;
  }
  const std::size_t count = secret_.values.size();
  if (count != 0 && secret_.values[count - 1].key >= key) {
    misuse("KP-29: the keys of the secret are not in ascending order");
    return nullptr;
  }
  const std::size_t room = kist::core::kMaxSecretBytes - bytes_used_;
  if (count >= kist::core::kMaxKeys || key.size() > room || size > room - key.size())
    return refuse_value();
  bytes_used_ += key.size() + size;
  if (count == 0) secret_.values.reserve(8, std::max<std::size_t>(256, key.size() + size));
  stage_ = Stage::in_value;
  reserved_ = size;
  return secret_.values.append_value(key, size);
}

kist_status kist_call::value_commit(std::size_t size) {
  if (stage_ != Stage::in_value)
    return misuse("KP-29: it committed a value that it had not reserved");
  if (size > reserved_) return misuse("KP-29: it committed more bytes than it had reserved");
  secret_.values.shrink_last(size);
  stage_ = Stage::between_values;
  return KIST_OK;
}

kist_status kist_call::list_item(const kist_record& record) {
  if (sink_ == nullptr) return misuse("KP-29: it sent a row in a call that has none");
  if (failure_) return static_cast<kist_status>(failure_->code);
  if (sink_is_full_) return KIST_ENOUGH;
  circumstances_.check();  // A scan that never ends does so when its time is up.
  kist_record given = record;
  // A size that no name has may be no size at all: nothing of it is read.
  if (given.name.size > kist::core::kMaxNameBytes) given.name.size = 0;
  kist::SecretMetadata row;
  kist::abi::assign(row, given);
  // A row that does not hold together is listed with what is known of it (ST-9).
  if (!is_scope(given.scope)) {
    row.readable = false;
    row.scope = kist::Scope{};  // Neither: a damaged `user` must not show as a `workspace`.
  }
  if (!kist::core::is_sound_name(row.name)) {
    row.readable = false;
    row.name = kist::core::printable(row.name);
  }
  ++rows_;
  sink_is_full_ = !sink_->item(row);
  return sink_is_full_ ? KIST_ENOUGH : KIST_OK;
}

kist_status kist_call::list_total(std::uint64_t total) {
  if (sink_ == nullptr) return misuse("KP-29: it gave a total in a call that has none");
  if (failure_) return static_cast<kist_status>(failure_->code);
  owes_total_ = false;
  sink_->total(total);
  return KIST_OK;
}

void kist_call::add_result_to(kist::core::TracedCall& traced) const {
  if (stage_ != Stage::nothing) traced.secret = {{secret_.values.size(), bytes_used_}};
  if (sink_ != nullptr) traced.rows = rows_;
}

const char* kist_call::missing_result() const {
  if (failure_) return "KP-29: it returned success after the call had failed";
  if (owes_secret() && stage_ != Stage::between_values)
    return "KP-29: it returned success without a whole secret";
  if (owes_total_) return "KP-29: it returned success without the total that was asked for";
  return nullptr;
}

void kist_call::finish(kist_status status, std::string_view store) {
  if (status == KIST_OK) {
    if (const char* const missing = missing_result()) misuse(missing);
    if (misuse_ == nullptr) [[likely]]
      return;
  }
  std::string prefix = std::string(store) + ": ";
  if (const char* const broken = misuse_) {
    throw Error(code_of_misuse(), prefix + "the store broke a rule of the ABI: " + broken);
  }
  if (failure_) {
    // A store that names itself is not named twice.
    if (failure_->message().starts_with(prefix)) prefix.clear();
    Error error(failure_->code, prefix + failure_->what());
    error.backend_code = std::move(failure_->backend_code);
    error.retry_after = failure_->retry_after;
    error.store_broken = failure_->store_broken;
    throw error;
  }
  throw Error(kist::error_code_from(status),
              prefix + "the store gave no reason (status " + std::to_string(status) + ")");
}

namespace kist::core {
namespace {

kist_status fail_with(kist_call& call, ErrorCode code, std::string_view message) {
  kist_error report{};
  report.struct_size = sizeof(report);
  report.message = abi::bytes(message);
  return call.fail(static_cast<kist_status>(code), report);
}

/// Runs `body` for a plugin, where no exception may pass: what it throws becomes the failure of the
/// call.
template <class Body>
kist_status shielded(kist_call& call, Body&& body) noexcept {
  try {
    return call.is_on_its_thread() ? body() : KIST_INTERNAL;
  } catch (const Error& error) {
    return fail_with(call, error.code, error.message());
  } catch (const std::exception&) {
    // Nothing else than memory runs out here.
    return fail_with(call, ErrorCode::resource_exhausted, "out of memory");
  }
}

kist_status fail(kist_call* call, kist_status code, const kist_error* error) noexcept {
  return shielded(
      *call, [&] { return call->fail(code, error == nullptr ? kist_error{} : abi::read(error)); });
}
std::int64_t deadline_ns(const kist_call* call) noexcept {
  return call->circumstances().deadline_ns();
}
int is_cancelled(const kist_call* call) noexcept {
  return call->circumstances().is_cancelled() ? 1 : 0;
}
int cancel_fd(kist_call* call) noexcept { return call->circumstances().cancel_fd(); }
kist_status secret_begin(kist_call* call, const kist_record* record) noexcept {
  return shielded(*call, [&] {
    return record == nullptr ? call->misuse("KP-29: it began a secret without a record")
                             : call->secret_begin(abi::read(record));
  });
}
void* value_reserve(kist_call* call, kist_bytes key, std::size_t size) noexcept {
  void* memory = nullptr;
  shielded(*call, [&] {
    memory = call->value_reserve(abi::view(key), size);
    return KIST_OK;
  });
  return memory;
}
kist_status value_commit(kist_call* call, std::size_t size) noexcept {
  return shielded(*call, [&] { return call->value_commit(size); });
}
kist_status list_item(kist_call* call, const kist_record* record) noexcept {
  return shielded(*call, [&] {
    return record == nullptr ? call->misuse("KP-29: it sent a row without a record")
                             : call->list_item(abi::read(record));
  });
}
kist_status list_total(kist_call* call, std::uint64_t total) noexcept {
  return shielded(*call, [&] { return call->list_total(total); });
}
void log_line(const kist_host* host, std::int32_t level, kist_bytes message) noexcept {
  try {
    const auto& table = *static_cast<const HostTable*>(host);
    if (!table.log_to) return;
    std::vector<std::string_view> secrets = table.secrets;
    if (const kist_call* const call = kist_call::current()) call->add_secrets_to(secrets);
    table.log_to(level, redacted(abi::view(message), secrets, kMessageBytesMax));
  } catch (const std::exception&) {
    // A line that cannot be logged is lost; the call that it belongs to is not.
  }
}
const void* get_service(const kist_host*, const char*) noexcept { return nullptr; }

/// Plugins get its very functions: what they free goes where it came from, also if the host has
/// changed its memory in between.
const detail::SecretMemory& memory() { return *detail::secret_memory.load(); }

}  // namespace

bool is_sound_name(std::string_view name) {
  const auto is_graphic = [](char c) { return c > ' ' && c < '\x7F'; };
  // Nearly every name is a short word of ASCII; all others get the whole check.
  if (!name.empty() && name.size() <= kMaxNameCodePoints && std::ranges::all_of(name, is_graphic))
    return true;
  return name.size() <= kMaxNameBytes && !fault_of_name(name);
}

HostTable::HostTable(Log log_sink)
    : kist_host{sizeof(kist_host),
                KIST_ABI_MINOR,
                "kist",
                KIST_VERSION,
                core::fail,
                core::deadline_ns,
                core::is_cancelled,
                core::cancel_fd,
                core::secret_begin,
                core::value_reserve,
                core::value_commit,
                core::list_item,
                core::list_total,
                core::memory().allocate,
                core::memory().release,
                core::log_line,
                core::get_service},
      log_to(std::move(log_sink)) {}

}  // namespace kist::core
