// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

#include <kist/secret_memory.hpp>

namespace kist {

namespace detail {

/// Bytes that are wiped before they are given back, to where they came from. Moves, is not copied;
/// grows at its end.
class SecretBuffer {
 public:
  SecretBuffer() = default;
  SecretBuffer(SecretBuffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)),
        memory_(other.memory_) {}
  SecretBuffer& operator=(SecretBuffer&& other) noexcept {
    SecretBuffer(std::move(other)).swap(*this);
    return *this;
  }
  ~SecretBuffer() { release(); }

  const char* data() const noexcept { return data_; }
  char* data() noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }

  /// Adds `count` bytes of unset content and returns the first. Moves what is there when it must
  /// grow.
  char* extend(std::size_t count) {
    if (count > capacity_ - size_) reserve(size_ + count);
    char* const first = data_ + size_;
    size_ += count;
    return first;
  }
  void append(std::string_view bytes) {
    if (!bytes.empty()) std::memcpy(extend(bytes.size()), bytes.data(), bytes.size());
  }
  /// Drops what lies behind the first `count` bytes, and wipes it.
  void truncate(std::size_t count) noexcept {
    if (count < size_) wipe(data_ + count, size_ - count);
    size_ = count;
  }
  void reserve(std::size_t capacity) {
    if (capacity <= capacity_) return;
    const std::size_t wanted = capacity < 2 * capacity_ ? 2 * capacity_ : capacity;
    const SecretMemory* const memory = secret_memory.load(std::memory_order_acquire);
    auto* const data = static_cast<char*>(memory->allocate(wanted));
    if (data == nullptr) throw std::bad_alloc();
    if (size_ != 0) std::memcpy(data, data_, size_);
    release();
    data_ = data;
    capacity_ = wanted;
    memory_ = memory;
  }

 private:
  void release() noexcept {
    if (data_ != nullptr) memory_->release(data_, capacity_);
  }
  void swap(SecretBuffer& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    std::swap(memory_, other.memory_);
  }

  char* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  const SecretMemory* memory_ = nullptr;  // That of data_; not looked at while there is none.
};

}  // namespace detail

/// A look at a secret's bytes, which somebody else owns. It has neither << nor ==, so that a secret
/// gets into no log and no comparison that stops at the first difference.
class SecretView {
 public:
  SecretView() = default;
  explicit SecretView(std::string_view bytes) noexcept : bytes_(bytes) {}

  /// For the few places that must see the bytes. Search for it to find them all.
  std::string_view reveal() const noexcept { return bytes_; }
  std::size_t size() const noexcept { return bytes_.size(); }

  bool operator==(const SecretView&) const = delete;

 private:
  std::string_view bytes_;
};

/// The bytes of one secret value or configured secret: wiped when freed, moved and never copied.
class SecretValue {
 public:
  SecretValue() = default;
  explicit SecretValue(std::string_view bytes) { bytes_.append(bytes); }
  explicit SecretValue(detail::SecretBuffer bytes) noexcept : bytes_(std::move(bytes)) {}
  /// A value of `size` bytes that `write(char*)` puts straight into its memory.
  template <class Write>
  static SecretValue written(std::size_t size, Write&& write) {
    SecretValue value;
    write(value.bytes_.extend(size));
    return value;
  }

  std::string_view reveal() const noexcept { return {bytes_.data(), bytes_.size()}; }
  std::size_t size() const noexcept { return bytes_.size(); }
  bool empty() const noexcept { return size() == 0; }
  SecretView view() const noexcept { return SecretView(reveal()); }

  /// A second copy, asked for by name.
  SecretValue clone() const { return SecretValue(reveal()); }

  bool operator==(const SecretValue&) const = delete;

 private:
  detail::SecretBuffer bytes_;
};

}  // namespace kist
