// SPDX-License-Identifier: Apache-2.0
#include "memory/secret_storage.hpp"

#include <new>

#include <boost/json/memory_resource.hpp>

#include <kist/secret_memory.hpp>

namespace kist::core {
namespace {

class SecretResource final : public boost::json::memory_resource {
 public:
  explicit SecretResource(const detail::SecretMemory& memory) : memory_(memory) {}

 private:
  void* do_allocate(std::size_t size, std::size_t) override {
    void* const memory = memory_.allocate(size);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
  }
  void do_deallocate(void* memory, std::size_t size, std::size_t) override {
    memory_.release(memory, size);
  }
  bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }

  const detail::SecretMemory& memory_;
};

}  // namespace

boost::json::storage_ptr secret_storage() noexcept {
  static SecretResource resource(*detail::secret_memory.load());
  return &resource;
}

}  // namespace kist::core
