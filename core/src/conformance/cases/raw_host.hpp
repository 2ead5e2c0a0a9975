// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include <kist/models.hpp>
#include <kist/plugin.h>

#include "store_under_test.hpp"

namespace kist::conformance {

/// One call of a RawStore: how the host shall behave in it, and what the plugin did.
struct RawCall {
  // Behaviour.
  int64_t deadline_ns = INT64_MAX;
  bool is_cancelled = false;
  std::size_t enough_after_rows = SIZE_MAX;
  bool refuses_memory = false;
  kist_status answer_to_begin = KIST_OK;
  /// When the plugin calls the host for this time, the call is cancelled, or its time is up.
  std::size_t cancel_at = SIZE_MAX, expire_at = SIZE_MAX;
  std::size_t failing_allocation = 0;  ///< That of this number fails in the plugin; 0: none.
  bool keeps_values = true;            ///< If not, the host wipes each as soon as it has it.

  // What happened.
  kist_status failed_with = KIST_OK;
  std::string message;
  int secrets_begun = 0;
  SecretMetadata record;
  std::map<std::string, std::string> values;
  std::vector<std::string> rows;  ///< Their names.
  std::size_t rows_after_enough = 0;
  int values_reserved = 0;
  std::size_t host_calls = 0;
  bool allocation_has_failed = false;

  // Between reserve and commit.
  std::string key;
  std::vector<char> memory;

  kist_call* handle() { return reinterpret_cast<kist_call*>(this); }
};

/// A host of nothing but the C table, which can be cut short or made longer. It believes all that a
/// plugin says, and records it: so what a plugin does wrong is seen, and not what the real host
/// makes of it.
class RawHost {
 public:
  RawHost();
  RawHost(const RawHost&) = delete;
  RawHost& operator=(const RawHost&) = delete;

  const kist_host* table() const { return &future_.table; }

  /// Every line that the plugin logged.
  std::string log() const;

 private:
  /// What a host of a later minor version would pass.
  struct Future {
    kist_host table;
    unsigned char members_of_later_versions[64];
  };
  static void take_log(const kist_host* host, int32_t level, kist_bytes message) noexcept;

  Future future_;
  mutable std::mutex mutex_;
  std::string log_;  // Guarded by mutex_.
};

/// The plugin under test as the dynamic linker gives it.
kist_plugin_entry* raw_entry();
/// The type under test; null: the plugin does not serve this host.
const kist_store_type* raw_type(const kist_host* host);
/// Opens a store with the options of the test configuration.
kist_status raw_open(const kist_host* host, const StoreHome& home, RawCall& call,
                     kist_store** store);

/// A store that is called through its C table alone.
class RawStore {
 public:
  /// Throws if it cannot be opened.
  RawStore(const RawHost& host, const StoreHome& home) : RawStore(host.table(), home) {}
  RawStore(const kist_host* host, const StoreHome& home);
  RawStore(const RawStore&) = delete;
  RawStore& operator=(const RawStore&) = delete;
  ~RawStore();

  kist_status create(RawCall& call, const Secret& secret);
  kist_status get(RawCall& call, const Uuid& id);
  kist_status list(RawCall& call, const kist_list_request& request);
  kist_status remove(RawCall& call, const Uuid& id);
  kist_status update(RawCall& call, const kist_update_request& request);

  const kist_store_table& table() const { return *table_; }
  kist_store* handle() { return store_; }

 private:
  const kist_store_table* table_ = nullptr;
  kist_store* store_ = nullptr;
};

/// A list request for every row, by name.
kist_list_request list_all();

/// A request whose struct has grown in a later version: `struct_size` covers a tail of rubbish.
template <class Request>
struct Grown {
  explicit Grown(const Request& known) : request(known) {
    request.struct_size = sizeof(*this);
    for (unsigned char& byte : tail) byte = 0xA5;
  }
  Request request;
  unsigned char tail[64];
};

}  // namespace kist::conformance
