// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include <kist/secret_value.hpp>

#include "cli/interrupts.hpp"

namespace kist::cli {

/// Room for a secret that is still coming in. Does not grow, so that no copy stays behind.
class WipedBuffer {
 public:
  explicit WipedBuffer(std::size_t capacity) { bytes_.extend(capacity); }

  std::size_t size() const { return size_; }
  std::string_view text() const { return {bytes_.data(), size_}; }
  /// Where the next bytes go, and how many fit.
  char* end() { return bytes_.data() + size_; }
  std::size_t room() const { return bytes_.size() - size_; }
  void resize(std::size_t size) { size_ = size; }
  /// There must be room.
  void append(char byte) { bytes_.data()[size_++] = byte; }

 private:
  detail::SecretBuffer bytes_;  // All of it, used or not.
  std::size_t size_ = 0;
};

/// Reads up to `size` bytes, 0 at the end. Errors: cancelled: a signal; unavailable.
std::size_t read_some(int descriptor, char* bytes, std::size_t size, const Interrupts& interrupts);

/// Nothing: the end.
std::optional<char> read_byte(int descriptor, const Interrupts& interrupts);

/// Reads all there is. Nothing: it is more than `bytes_max`.
std::optional<SecretValue> read_to_end(int descriptor, std::size_t bytes_max,
                                       const Interrupts& interrupts);

}  // namespace kist::cli
