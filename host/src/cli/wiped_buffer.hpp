// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include <kist/secret_value.hpp>

#include "cli/interrupts.hpp"

namespace kist::cli {

/// Room for a secret that is still coming in. Does not grow, so that no copy stays behind.
class WipedBuffer {
 public:
  explicit WipedBuffer(std::size_t capacity)
      : bytes_(std::make_unique<char[]>(capacity)), capacity_(capacity) {}
  ~WipedBuffer() { wipe(bytes_.get(), capacity_); }
  WipedBuffer(const WipedBuffer&) = delete;
  WipedBuffer& operator=(const WipedBuffer&) = delete;

  std::size_t size() const { return size_; }
  std::string_view text() const { return {bytes_.get(), size_}; }
  /// Where the next bytes go, and how many fit.
  char* end() { return bytes_.get() + size_; }
  std::size_t room() const { return capacity_ - size_; }
  void resize(std::size_t size) { size_ = size; }
  /// There must be room.
  void append(char byte) { bytes_[size_++] = byte; }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_, size_ = 0;
};

/// Reads up to `size` bytes, 0 at the end. Errors: cancelled: a signal; unavailable.
std::size_t read_some(int descriptor, char* bytes, std::size_t size, const Interrupts& interrupts);

/// Nothing: the end.
std::optional<char> read_byte(int descriptor, const Interrupts& interrupts);

/// Reads all there is. Nothing: it is more than `bytes_max`.
std::optional<SecretValue> read_to_end(int descriptor, std::size_t bytes_max,
                                       const Interrupts& interrupts);

}  // namespace kist::cli
