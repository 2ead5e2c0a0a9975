// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <new>
#include <string_view>

namespace kist::conformance {

/// Bytes with an unmapped page behind them: whoever reads past their end is ended by SIGSEGV. As
/// close to it as `alignment` allows; with 1, the very next byte is the page's. At most a page.
class GuardedMemory {
 public:
  GuardedMemory(const void* bytes, std::size_t size, std::size_t alignment)
      : size_of_page_(static_cast<std::size_t>(::sysconf(_SC_PAGESIZE))) {
    pages_ = ::mmap(nullptr, 2 * size_of_page_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                    -1, 0);
    if (pages_ == MAP_FAILED) throw std::bad_alloc();
    ::mprotect(page(1), size_of_page_, PROT_NONE);
    std::memset(page(0), 0xA5, size_of_page_);  // What lies before and behind is no zero.
    bytes_ = page(1) - (size + alignment - 1) / alignment * alignment;
    std::memcpy(bytes_, bytes, size);
  }
  explicit GuardedMemory(std::string_view text) : GuardedMemory(text.data(), text.size(), 1) {}
  GuardedMemory(const GuardedMemory&) = delete;
  GuardedMemory& operator=(const GuardedMemory&) = delete;
  ~GuardedMemory() { ::munmap(pages_, 2 * size_of_page_); }

  const unsigned char* data() const { return bytes_; }

 private:
  unsigned char* page(std::size_t number) const {
    return static_cast<unsigned char*>(pages_) + number * size_of_page_;
  }

  std::size_t size_of_page_;
  void* pages_;
  unsigned char* bytes_;
};

/// The first `size` bytes of a struct that begins with its size, and says that it has no more.
template <class Struct>
class CutStruct {
 public:
  CutStruct(Struct whole, std::size_t size) : memory_(cut(whole, size), size, alignof(Struct)) {}
  const Struct* get() const { return reinterpret_cast<const Struct*>(memory_.data()); }

 private:
  static const Struct* cut(Struct& whole, std::size_t size) {
    whole.struct_size = static_cast<std::uint32_t>(size);
    return &whole;
  }
  GuardedMemory memory_;
};

}  // namespace kist::conformance
