// SPDX-License-Identifier: Apache-2.0
#include "memory/guarded_mappings.hpp"

#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <new>
#include <string>

#include <doctest/doctest.h>

#include "../loader/sanitizers.hpp"
#include "child_process.hpp"
#include "mapping_flags.hpp"

namespace kist::core {
namespace {

using test::in_child;

const auto kPage = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));

/// Reads where nobody may, in a child, which it ends. A sanitizer makes of that what it likes.
std::string reading(std::ptrdiff_t offset, std::size_t size) {
  return in_child([&]() -> std::string {
    GuardedMappings mappings(1 << 20);
    const auto* const memory = static_cast<const volatile char*>(mappings.allocate(size));
    return memory[offset] == 0 ? "read" : "read something";
  });
}

TEST_SUITE("core/memory/guarded_mappings") {
  TEST_CASE("behind the last byte, and before the first page, there is nothing to read" *
            doctest::skip(test::kUnderAsan || test::kUnderTsan)) {
    CHECK(reading(0, 4096) == "read");
    CHECK(reading(4095, 4096) == "read");
    CHECK(reading(4096, 4096) == "signal 11");
    CHECK(reading(-1, 4096) == "signal 11");
    CHECK(reading(160, 160) == "signal 11");
  }

  TEST_CASE("a piece is in no core dump, aligned, and gone when it is given back") {
    GuardedMappings mappings(64 * kPage);
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{100}, kPage - 1,
                                   kPage, kPage + 1, 10 * kPage}) {
      for (const std::size_t alignment :
           {std::size_t{1}, std::size_t{16}, std::size_t{1024}, kPage}) {
        CAPTURE(size);
        CAPTURE(alignment);
        void* const memory = mappings.allocate(size, alignment);
        CHECK(reinterpret_cast<std::uintptr_t>(memory) % alignment == 0);
        if (size != 0) CHECK(test::is_left_out_of_dumps(memory));
        std::memset(memory, 'x', size);
        mappings.deallocate(memory, size, alignment);
        CHECK_FALSE(test::is_left_out_of_dumps(memory));
      }
    }
  }

  TEST_CASE("the sum of all pieces has a limit") {
    GuardedMappings mappings(3 * kPage);
    void* const two = mappings.allocate(kPage + 1);
    void* const one = mappings.allocate(1);
    CHECK_THROWS_AS(static_cast<void>(mappings.allocate(1)), std::bad_alloc);
    mappings.deallocate(one, 1);
    CHECK_THROWS_AS(static_cast<void>(mappings.allocate(kPage + 1)), std::bad_alloc);
    for (volatile std::size_t much : {SIZE_MAX, SIZE_MAX - kPage})
      CHECK_THROWS_AS(static_cast<void>(mappings.allocate(much)), std::bad_alloc);
    mappings.deallocate(two, kPage + 1);
    mappings.deallocate(mappings.allocate(3 * kPage), 3 * kPage);
  }
}

}  // namespace
}  // namespace kist::core
