// SPDX-License-Identifier: Apache-2.0
// The program's `new` and `delete`, which are part of this test program too.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <string>

#include <doctest/doctest.h>

void operator delete(void* memory, std::size_t size) noexcept;  // Not declared by clang itself.

namespace kist {
namespace {

/// Whether nothing is left at `address`, which has been freed. The C library keeps its links in the
/// first 16 bytes.
bool is_wiped(std::uintptr_t address, std::size_t size) {
  for (std::size_t i = 16; i < size; ++i) {
    if (*reinterpret_cast<const volatile char*>(address + i) != 0) return false;
  }
  return true;
}

TEST_SUITE("host/wiping_delete") {
  TEST_CASE("what C++ frees is zeros") {
    constexpr std::size_t kSize = 200;
    auto* const plain = static_cast<char*>(::operator new(kSize));
    std::memset(plain, 'x', kSize);
    auto address = reinterpret_cast<std::uintptr_t>(plain);
    ::operator delete(plain);
    CHECK(is_wiped(address, kSize));

    auto* const sized = static_cast<char*>(::operator new(kSize));
    std::memset(sized, 'x', kSize);
    address = reinterpret_cast<std::uintptr_t>(sized);
    ::operator delete(sized, kSize);
    CHECK(is_wiped(address, kSize));

    auto* const array = new char[kSize];
    std::memset(array, 'x', kSize);
    address = reinterpret_cast<std::uintptr_t>(array);
    delete[] array;
    CHECK(is_wiped(address, kSize));
  }

  TEST_CASE("a string that outgrows its buffer leaves nothing in it") {
    std::string text(500, 'x');
    const auto address = reinterpret_cast<std::uintptr_t>(text.data());
    text.reserve(5000);
    CHECK(is_wiped(address, 500));
  }

  TEST_CASE("there is no memory for more than there is, and none is freed") {
    ::operator delete(nullptr);
    ::operator delete (nullptr, std::size_t{8});
    volatile std::size_t too_much = SIZE_MAX / 2;
    CHECK_THROWS_AS(static_cast<void>(::operator new(too_much)), std::bad_alloc);
    delete[] new char[0];
  }
}

}  // namespace
}  // namespace kist
