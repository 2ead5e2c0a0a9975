// SPDX-License-Identifier: Apache-2.0
#include "sealing/deks.hpp"

#include <algorithm>
#include <utility>

#include <kist/error.hpp>

#include "sealing/local_key.hpp"
#include "text/printable.hpp"

namespace kist::core {

Deks::Deks(const Keyring& keyring, const Uuid& deployment_id, DekLimits limits)
    : keyring_(keyring), deployment_id_(deployment_id), limits_(limits) {}

std::string_view Deks::deployment_id() const {
  return {reinterpret_cast<const char*>(deployment_id_.bytes.data()), deployment_id_.bytes.size()};
}

Deks::Uses Deks::take(std::uint64_t count) {
  const std::lock_guard lock(sealing_mutex_);
  if (current_ == nullptr || limits_.uses - std::min(limits_.uses, uses_) < count) {
    current_ = make();
    uses_ = 0;
  }
  remember(current_);  // What is sealed now opens without the KEK, whatever was read in between.
  return {current_, std::exchange(uses_, uses_ + count)};
}

std::shared_ptr<const Dek> Deks::unwrap(const Envelope& envelope) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = by_header_.find(envelope.header);
    if (found != by_header_.end()) {
      recent_.splice(recent_.begin(), recent_, found->second);
      return recent_.front();
    }
  }
  // Not under the lock: a token may take its time. Two threads may then unwrap the same DEK.
  auto dek = std::make_shared<const Dek>(
      Dek{++last_number_, open(envelope), std::string(envelope.header)});
  remember(dek);
  return dek;
}

std::string Deks::wrap_associated(std::string_view key_id) const {
  return std::string("kist-dek-1").append(deployment_id()).append(key_id);
}

std::shared_ptr<const Dek> Deks::make() {
  keyring_.require_current();
  const KeyringKey& kek = keyring_.current();
  SecretValue key = new_key();
  const WrappedKey wrapped = kek.kek->wrap(key.view(), wrap_associated(kek.id));
  return std::make_shared<const Dek>(
      Dek{++last_number_, std::move(key), envelope_header(kek.id, wrapped)});
}

SecretValue Deks::open(const Envelope& envelope) const {
  const std::string key_id(envelope.key_id);
  const KeyringKey* const kek = keyring_.find(key_id);
  if (kek == nullptr)
    throw Error(ErrorCode::failed_precondition,
                "it is sealed with key " + in_quotes(key_id) + ", which is not in the keyring");
  // Where the key lies, and what is wrong with it, is for those who run the host, not for those who
  // ask for secrets: it is said at start.
  if (kek->kek == nullptr)
    throw Error(ErrorCode::failed_precondition,
                "it is sealed with key " + in_quotes(key_id) + ", which cannot be had");
  WrappedKey wrapped;
  envelope.wrapped_dek.copy(wrapped.data(), wrapped.size());
  std::optional<SecretValue> key = kek->kek->unwrap(wrapped, wrap_associated(key_id));
  if (!key)
    throw Error(ErrorCode::corrupt,
                "key " + in_quotes(key_id) +
                    " does not unwrap its DEK: the envelope was altered or is of another "
                    "deployment, or another key had this id");
  return std::move(*key);
}

void Deks::remember(std::shared_ptr<const Dek> dek) {
  const std::lock_guard lock(mutex_);
  if (const auto known = by_header_.find(dek->header); known != by_header_.end()) {
    recent_.splice(recent_.begin(), recent_, known->second);
    return;
  }
  recent_.push_front(std::move(dek));
  by_header_.emplace(recent_.front()->header, recent_.begin());
  if (recent_.size() <= limits_.cached) return;
  by_header_.erase(recent_.back()->header);
  recent_.pop_back();
}

}  // namespace kist::core
