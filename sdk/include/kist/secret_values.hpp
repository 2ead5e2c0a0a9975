// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <kist/secret_value.hpp>

namespace kist {

namespace detail {

/// Keys in the order of their bytes, each with a value or with the word that it is removed, all in
/// one piece of wiped memory: a secret of five keys costs two allocations, not ten.
class KeyedBytes {
 public:
  std::size_t size() const noexcept { return slots_.size(); }
  bool empty() const noexcept { return slots_.empty(); }
  std::string_view key(std::size_t index) const noexcept {
    return {bytes_.data() + slots_[index].offset, slots_[index].key_size};
  }
  std::string_view value(std::size_t index) const noexcept {
    const Slot& slot = slots_[index];
    return {bytes_.data() + slot.offset + slot.key_size, slot.value_size};
  }
  bool removed(std::size_t index) const noexcept { return slots_[index].removed; }

  /// The index of the first key that is not below `key`.
  std::size_t lower_bound(std::string_view key) const noexcept {
    if (!slots_.empty() && this->key(slots_.size() - 1) < key) return slots_.size();
    std::size_t low = 0, high = slots_.size();
    while (low < high) {
      const std::size_t middle = low + (high - low) / 2;
      if (this->key(middle) < key)
        low = middle + 1;
      else
        high = middle;
    }
    return low;
  }
  std::optional<std::size_t> find(std::string_view key) const noexcept {
    const std::size_t index = lower_bound(key);
    if (index == size() || this->key(index) != key) return std::nullopt;
    return index;
  }

  /// Sets `key`, whatever it was, and returns `value_size` bytes to write its value to: valid until
  /// the next change.
  char* put(std::string_view key, std::size_t value_size, bool removed) {
    const std::size_t index = lower_bound(key);
    const bool present = index < size() && this->key(index) == key;
    const Slot slot{bytes_.size(), key.size(), value_size, removed};
    char* const memory = extend(key, value_size);
    if (present)
      slots_[index] = slot;
    else
      slots_.insert(slots_.begin() + static_cast<std::ptrdiff_t>(index), slot);
    return memory;
  }
  /// put() of a key that is known to come behind all others.
  char* append(std::string_view key, std::size_t value_size) {
    slots_.push_back({bytes_.size(), key.size(), value_size, false});
    return extend(key, value_size);
  }
  void put(std::string_view key, std::string_view value, bool removed) {
    char* const memory = put(key, value.size(), removed);
    if (!value.empty()) std::memcpy(memory, value.data(), value.size());
  }
  /// Cuts the value of the last key.
  void shrink_last(std::size_t value_size) noexcept { slots_.back().value_size = value_size; }
  bool erase(std::string_view key) {
    const auto index = find(key);
    if (!index) return false;
    slots_.erase(slots_.begin() + static_cast<std::ptrdiff_t>(*index));
    return true;
  }
  void reserve(std::size_t keys, std::size_t bytes) {
    slots_.reserve(keys);
    bytes_.reserve(bytes);
  }
  /// A second copy, of what is set now and not of what was set before.
  KeyedBytes clone() const {
    KeyedBytes copy;
    copy.reserve(size(), byte_count());
    for (const Slot& slot : slots_) {
      const std::string_view bytes(bytes_.data() + slot.offset, slot.key_size + slot.value_size);
      copy.slots_.push_back({copy.bytes_.size(), slot.key_size, slot.value_size, slot.removed});
      copy.bytes_.append(bytes);
    }
    return copy;
  }
  /// The sum of the sizes of all keys and values, removed ones without their value.
  std::size_t byte_count() const noexcept {
    std::size_t sum = 0;
    for (const Slot& slot : slots_) sum += slot.key_size + slot.value_size;
    return sum;
  }

 private:
  struct Slot {
    std::size_t offset, key_size, value_size;
    bool removed;
  };

  char* extend(std::string_view key, std::size_t value_size) {
    char* const memory = bytes_.extend(key.size() + value_size);
    if (!key.empty()) std::memcpy(memory, key.data(), key.size());
    return memory + key.size();
  }

  SecretBuffer bytes_;  // Each key with its value right behind it.
  std::vector<Slot> slots_;
};

}  // namespace detail

/// The values of a secret: an ordered map from key to bytes that is moved and never copied, has
/// neither << nor ==, and is wiped when freed. Keys are 1 to 255 bytes of UTF-8 without NUL, at
/// most 1,000 of them; the host sees to both. Looks at it are valid until it changes.
class SecretValues {
 public:
  struct Entry {
    std::string_view key;
    SecretView value;
  };

  std::size_t size() const noexcept { return entries_.size(); }
  bool empty() const noexcept { return entries_.empty(); }
  Entry operator[](std::size_t index) const noexcept {
    return {entries_.key(index), SecretView(entries_.value(index))};
  }
  /// The value of `key`, or nothing.
  std::optional<SecretView> find(std::string_view key) const noexcept {
    const auto index = entries_.find(key);
    if (!index) return std::nullopt;
    return SecretView(entries_.value(*index));
  }

  void set(std::string_view key, std::string_view value) { entries_.put(key, value, false); }
  /// Sets `key` and returns `size` bytes to write its value to, valid until the next change.
  char* reserve_value(std::string_view key, std::size_t size) {
    return entries_.put(key, size, false);
  }
  /// Cuts the value of the last key, after fewer bytes were written than had been reserved.
  void shrink_last(std::size_t size) noexcept { entries_.shrink_last(size); }
  /// reserve_value() for a key that is known to come behind all others.
  char* append_value(std::string_view key, std::size_t size) { return entries_.append(key, size); }
  /// True if the key was there.
  bool erase(std::string_view key) { return entries_.erase(key); }
  void reserve(std::size_t keys, std::size_t bytes) { entries_.reserve(keys, bytes); }
  std::size_t byte_count() const noexcept { return entries_.byte_count(); }

  /// A second copy, asked for by name.
  SecretValues clone() const {
    SecretValues copy;
    copy.entries_ = entries_.clone();
    return copy;
  }

  class Iterator {
   public:
    Iterator(const SecretValues& values, std::size_t index) : values_(&values), index_(index) {}
    Entry operator*() const noexcept { return (*values_)[index_]; }
    Iterator& operator++() noexcept {
      ++index_;
      return *this;
    }
    bool operator==(const Iterator& other) const noexcept { return index_ == other.index_; }

   private:
    const SecretValues* values_;
    std::size_t index_;
  };
  Iterator begin() const noexcept { return {*this, 0}; }
  Iterator end() const noexcept { return {*this, size()}; }

 private:
  detail::KeyedBytes entries_;
};

/// What an update does to the values of a secret: for each key that it names, a new value, or its
/// removal (ST-10). Keys that it does not name stay.
class SecretPatch {
 public:
  std::size_t size() const noexcept { return entries_.size(); }
  bool empty() const noexcept { return entries_.empty(); }
  std::string_view key(std::size_t index) const noexcept { return entries_.key(index); }
  bool removes(std::size_t index) const noexcept { return entries_.removed(index); }
  SecretView value(std::size_t index) const noexcept { return SecretView(entries_.value(index)); }

  void set(std::string_view key, std::string_view value) { entries_.put(key, value, false); }
  /// Sets `key` and returns `size` bytes to write its value to, valid until the next change.
  char* reserve_value(std::string_view key, std::size_t size) {
    return entries_.put(key, size, false);
  }
  void reserve(std::size_t keys, std::size_t bytes) { entries_.reserve(keys, bytes); }
  void remove(std::string_view key) { entries_.put(key, {}, true); }
  std::size_t byte_count() const noexcept { return entries_.byte_count(); }

  /// Does to `values` what the patch says. Removing an absent key is no error.
  void apply_to(SecretValues& values) const {
    for (std::size_t i = 0; i < size(); ++i) {
      if (removes(i))
        values.erase(key(i));
      else
        values.set(key(i), value(i).reveal());
    }
  }

 private:
  detail::KeyedBytes entries_;
};

}  // namespace kist
