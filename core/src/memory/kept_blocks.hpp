// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace kist::core {

/// The wiped blocks that one thread keeps for itself, so that short-lived secrets need no lock: a
/// few of each power of two, half as many of those above kBytesMany. It must be the thread's own,
/// and constant-initialised.
template <std::size_t kBytesMin, std::size_t kBytesMany, std::size_t kBytesMax,
          std::size_t kCountMax>
class KeptBlocks {
  static_assert(std::has_single_bit(kBytesMin) && std::has_single_bit(kBytesMax));

 public:
  static constexpr bool takes(std::size_t size) noexcept { return size <= kBytesMax; }
  /// The size of the block for `size` bytes, which it takes.
  static constexpr std::size_t block_bytes(std::size_t size) noexcept {
    return kBytesMin << class_of(size);
  }

  /// Null: none of this size is kept.
  void* take(std::size_t size) noexcept {
    Class& blocks = classes_[class_of(size)];
    return blocks.count == 0 ? nullptr : blocks.memory[--blocks.count];
  }
  /// False: there are enough of this size.
  bool keep(void* memory, std::size_t size) noexcept {
    Class& blocks = classes_[class_of(size)];
    if (blocks.count == (size <= kBytesMany ? kCountMax : kCountMax / 2)) return false;
    blocks.memory[blocks.count++] = memory;
    return true;
  }

  /// Calls `give_back(memory, block_bytes)` for each, and keeps none.
  template <class GiveBack>
  void clear(GiveBack&& give_back) noexcept {
    for (std::size_t i = 0; i < kClasses; ++i) {
      while (void* const memory = take(kBytesMin << i)) give_back(memory, kBytesMin << i);
    }
  }

 private:
  static constexpr std::size_t kClasses =
      static_cast<std::size_t>(std::bit_width(kBytesMax / kBytesMin));
  static constexpr std::size_t class_of(std::size_t size) noexcept {
    return size <= kBytesMin ? 0 : static_cast<std::size_t>(std::bit_width((size - 1) / kBytesMin));
  }

  struct Class {
    std::array<void*, kCountMax> memory;
    std::uint8_t count;
  };
  std::array<Class, kClasses> classes_ = {};
};

}  // namespace kist::core
