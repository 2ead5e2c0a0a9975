// SPDX-License-Identifier: Apache-2.0
// Each test has a process of its own: the arena is made once, and for ever.
#include "memory/secret_arena.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <new>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <openssl/crypto.h>
#include <openssl/err.h>

#include <kist/secret_value.hpp>

#include "child_process.hpp"
#include "mapping_flags.hpp"

namespace kist::core {
namespace {

using test::flags_of;
using test::in_child;
using test::is_left_out_of_dumps;
using test::is_locked;

/// Nobody may lock what it likes, as root may.
void allow_to_lock(std::size_t bytes) {
  if (::geteuid() == 0 && ::setresuid(65534, 65534, 65534) != 0)
    throw std::runtime_error("cannot become nobody");
  const struct rlimit limit { bytes, bytes };
  if (::setrlimit(RLIMIT_MEMLOCK, &limit) != 0) throw std::runtime_error("cannot set a limit");
}

bool is_zero(const void* memory, std::size_t size) {
  const auto* const bytes = static_cast<const char*>(memory);
  return std::all_of(bytes, bytes + size, [](char byte) { return byte == 0; });
}

/// Takes all that is left of the heap.
void fill_heap() {
  while (::CRYPTO_secure_malloc(64, nullptr, 0) != nullptr) {
  }
}

TEST_SUITE("core/memory/secret_arena") {
  TEST_CASE("the heap takes half of what may be locked, in a power of two within its limits") {
    struct Case {
      std::size_t lockable, expected;
    };
    constexpr std::size_t kKiB = 1024, kMiB = 1024 * kKiB;
    const Case cases[] = {{0, 256 * kKiB},        {64 * kKiB, 256 * kKiB}, {512 * kKiB, 256 * kKiB},
                          {kMiB - 1, 256 * kKiB}, {kMiB, 512 * kKiB},      {8 * kMiB, 4 * kMiB},
                          {12 * kMiB, 4 * kMiB},  {128 * kMiB, 64 * kMiB}, {SIZE_MAX, 64 * kMiB}};
    for (const Case& c : cases) {
      CAPTURE(c.lockable);
      CHECK(heap_bytes_within(c.lockable) == c.expected);
    }
  }

  TEST_CASE("before there is an arena, secrets are on the heap") {
    CHECK(secret_heap_bytes_used() == 0);
    CHECK(in_child([] {
            if (secret_arena() != nullptr) return "an arena";
            const SecretValue value("hunter2");
            return is_left_out_of_dumps(value.reveal().data()) ? "arena" : "heap";
          }) == "heap");
  }

  TEST_CASE("a secret is locked and in no core dump, whatever its size") {
    CHECK(in_child([]() -> std::string {
            allow_to_lock(std::size_t{8} << 20);
            const SecretArena& arena = install_secret_arena();
            if (!arena.locked || arena.heap_bytes != std::size_t{4} << 20) return "no locked heap";
            for (const std::size_t size : {1u, 64u, 1024u, 1025u, 65536u, 65537u, 1u << 20}) {
              const SecretValue value(std::string(size, 'x'));
              const char* const bytes = value.reveal().data();
              if (!is_locked(bytes) || !is_left_out_of_dumps(bytes))
                return std::to_string(size) + flags_of(bytes);
              if (value.reveal() != std::string(size, 'x')) return "other bytes";
            }
            return "protected";
          }) == "protected");
  }

  TEST_CASE("where nothing may be locked, all else holds, and the arena says so") {
    CHECK(in_child([]() -> std::string {
            allow_to_lock(0);
            const SecretArena& arena = install_secret_arena();
            if (arena.locked || arena.heap_bytes != kHeapBytesMin) return "locked";
            for (const std::size_t size : {1u, 65536u, 65537u}) {
              const SecretValue value(std::string(size, 'x'));
              const char* const bytes = value.reveal().data();
              if (is_locked(bytes) || !is_left_out_of_dumps(bytes)) return flags_of(bytes);
            }
            return "unlocked";
          }) == "unlocked");
  }

  TEST_CASE("when the heap is full, secrets live in guarded mappings") {
    CHECK(in_child([]() -> std::string {
            allow_to_lock(0);
            install_secret_arena();
            fill_heap();
            std::vector<SecretValue> values;
            for (std::size_t i = 0; i < 5000; ++i)
              values.emplace_back(std::to_string(i) + std::string(i % 3000, 'x'));
            for (std::size_t i = 0; i < values.size(); ++i) {
              if (values[i].reveal() != std::to_string(i) + std::string(i % 3000, 'x'))
                return "other bytes";
            }
            if (::CRYPTO_secure_allocated(values.back().reveal().data()) == 1) return "heap";
            if (!is_left_out_of_dumps(values.back().reveal().data())) return "dumped";
            values.clear();
            return ::ERR_peek_error() == 0 ? "held" : "an error is noted";
          }) == "held");
  }

  TEST_CASE("memory is zeros when it is handed out again") {
    CHECK(in_child([]() -> std::string {
            install_secret_arena();
            const detail::SecretMemory& memory = arena_memory();
            const auto shows_old = [&](std::size_t size) {
              for (int i = 0; i < 20; ++i) {
                void* const block = memory.allocate(size);
                if (!is_zero(block, size)) return true;
                std::memset(block, 'x', size);
                memory.release(block, size);
              }
              return false;
            };
            for (const std::size_t size : {1u, 100u, 1024u, 5000u, 65536u, 100'000u}) {
              if (shows_old(size)) return "old bytes in " + std::to_string(size);
            }
            fill_heap();
            for (const std::size_t size : {1u, 1500u, 16384u}) {
              if (shows_old(size)) return "old bytes in a full heap's " + std::to_string(size);
            }
            return "zeros";
          }) == "zeros");
  }

  TEST_CASE("mappings have a limit, and then there is no more") {
    CHECK(in_child([]() -> std::string {
            install_secret_arena();
            const detail::SecretMemory& memory = arena_memory();
            constexpr std::size_t kPiece = std::size_t{1} << 20;
            // The first pages are those of the tables for a full heap.
            std::vector<void*> pieces;
            while (void* const piece = memory.allocate(kPiece)) pieces.push_back(piece);
            if (pieces.size() != kMappedBytesMax / kPiece - 1) return std::to_string(pieces.size());
            memory.release(pieces.back(), kPiece);
            pieces.back() = memory.allocate(kPiece);
            if (pieces.back() == nullptr) return "not given back";
            if (memory.allocate(SIZE_MAX) != nullptr || memory.allocate(PTRDIFF_MAX) != nullptr)
              return "too large";
            try {
              SecretValue(std::string(kPiece + 1, 'x'));
            } catch (const std::bad_alloc&) {
              return "the end";
            }
            return "no end";
          }) == "the end");
  }

  TEST_CASE("a buffer that grows through all sizes keeps its bytes") {
    CHECK(in_child([]() -> std::string {
            detail::SecretBuffer buffer;
            buffer.append("0123456789");  // From the heap of all else.
            install_secret_arena();
            std::string expected = "0123456789";
            while (expected.size() < std::size_t{2} << 20) {
              buffer.append(expected);
              expected += expected;
              if (std::string_view(buffer.data(), buffer.size()) != expected) return "other bytes";
            }
            return is_left_out_of_dumps(buffer.data()) ? "kept" : "still on the heap";
          }) == "kept");
  }

  TEST_CASE("what a thread has kept comes back when it ends, and what it frees later too") {
    CHECK(in_child([]() -> std::string {
            install_secret_arena();
            const std::size_t before = ::CRYPTO_secure_used();
            std::thread([] {
              thread_local SecretValue last;  // Made first, and so freed last.
              last = SecretValue("last");
              std::vector<SecretValue> values;
              for (int i = 0; i < 100; ++i) values.emplace_back(std::string(100, 'x'));
            }).join();
            return ::CRYPTO_secure_used() == before ? "all" : "less";
          }) == "all");
  }

  TEST_CASE("any thread may free what another has allocated") {
    CHECK(in_child([]() -> std::string {
            install_secret_arena();
            constexpr std::size_t kThreads = 4, kValues = 400;
            std::vector<std::vector<SecretValue>> made(kThreads);
            std::vector<std::thread> threads;
            for (std::size_t t = 0; t < kThreads; ++t) {
              threads.emplace_back([&values = made[t], t] {
                std::mt19937 random(static_cast<unsigned>(t));
                for (std::size_t i = 0; i < kValues; ++i)
                  values.emplace_back(std::string(random() % 3000, static_cast<char>('a' + t)));
              });
            }
            for (std::thread& thread : threads) thread.join();
            threads.clear();
            std::vector<std::size_t> wrong(kThreads);
            for (std::size_t t = 0; t < kThreads; ++t) {
              threads.emplace_back([&values = made[(t + 1) % kThreads], &count = wrong[t],
                                    letter = static_cast<char>('a' + (t + 1) % kThreads)] {
                for (const SecretValue& value : values)
                  count +=
                      value.reveal().find_first_not_of(letter) == std::string_view::npos ? 0u : 1u;
                values.clear();
              });
            }
            for (std::thread& thread : threads) thread.join();
            for (const std::size_t count : wrong) {
              if (count != 0) return "other bytes";
            }
            return "whole";
          }) == "whole");
  }
}

}  // namespace
}  // namespace kist::core
