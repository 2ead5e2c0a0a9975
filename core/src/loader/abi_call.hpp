// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <kist/host.h>
#include <kist/secrets_store_interface.hpp>

#include "loader/call_trace.hpp"

/// The host's side of one call through the ABI: takes what the plugin writes, believes none of it,
/// and says at the end what came of the call. Lives on the stack of the thread that makes the call.
struct kist_call {
 public:
  /// What the plugin owes when it returns KIST_OK: a secret that it has read, or one that it has
  /// written. After a write, a result that does not hold together leaves the outcome unknown.
  enum class Owed { nothing, secret, written_secret, rows };

  kist_call(const kist::Call& circumstances, Owed owed)
      : circumstances_(circumstances), owed_(owed) {}
  kist_call(const kist_call&) = delete;
  kist_call& operator=(const kist_call&) = delete;

  /// A value that passes in this call: an error message of the plugin that holds it shows
  /// "(redacted)" in its place. Borrowed.
  void keep_from_messages(std::string_view secret) { kept_from_messages_.push_back(secret); }

  /// Adds what keep_from_messages() was given, and the values of the result so far.
  void add_secrets_to(std::vector<std::string_view>& secrets) const;

  /// Makes this the call that its thread is in, so that lines that the plugin logs meanwhile are
  /// held against its values.
  class Running {
   public:
    explicit Running(const kist_call& call) : outer_(std::exchange(current(), &call)) {}
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running() { current() = outer_; }

   private:
    const kist_call* outer_;
  };
  /// The call that this thread is in; null: none.
  static const kist_call*& current() noexcept {
    static thread_local const kist_call* call = nullptr;
    return call;
  }

  /// Where the rows go, before a call that owes rows, and whether it owes their total. Borrowed.
  void send_rows_to(kist::ListSink& sink, bool with_total) {
    sink_ = &sink;
    owes_total_ = with_total;
  }

  /// Throws the Error of a failed call, or of one that broke the rules. `store` names the store in
  /// it.
  void finish(kist_status status, std::string_view store);
  kist::Secret take_secret() { return std::move(secret_); }
  /// How much the plugin gave back.
  void add_result_to(kist::core::TracedCall& traced) const;

  /// The plugin broke a rule: the call is lost. The first of several is the one that is told.
  kist_status misuse(const char* what);

  // What the functions of kist_host do; see kist/host.h.
  kist_status fail(kist_status code, const kist_error& error);
  kist_status secret_begin(const kist_record& record);
  void* value_reserve(std::string_view key, std::size_t size);
  kist_status value_commit(std::size_t size);
  kist_status list_item(const kist_record& record);
  kist_status list_total(std::uint64_t total);
  const kist::Call& circumstances() const { return circumstances_; }
  /// The code for a result that does not hold together: indeterminate after a write (ST-20), else
  /// internal.
  kist::ErrorCode code_of_misuse() const {
    return is_write() ? kist::ErrorCode::indeterminate : kist::ErrorCode::internal;
  }
  /// False, and the call is lost, if another thread is in it (KP-9).
  bool is_on_its_thread() {
    if (thread_ == this_thread()) [[likely]]
      return true;
    misuse("KP-9: it called the host for this call from another thread");
    return false;
  }

 private:
  enum class Stage { nothing, between_values, in_value };

  /// A number of its own for each thread that is alive, at the cost of one instruction.
  static const void* this_thread() noexcept {
    static thread_local char marker;
    return &marker;
  }

  bool is_write() const { return owed_ == Owed::written_secret; }
  bool owes_secret() const { return owed_ == Owed::secret || is_write(); }
  void* refuse_value();
  const char* missing_result() const;
  std::string shown(kist_bytes message) const;

  const kist::Call& circumstances_;
  const Owed owed_;
  const void* const thread_ = this_thread();
  Stage stage_ = Stage::nothing;
  std::size_t reserved_ = 0;    // Bytes of the value that is being written.
  std::size_t bytes_used_ = 0;  // By the keys and values so far.
  kist::Secret secret_;
  kist::ListSink* sink_ = nullptr;
  bool sink_is_full_ = false;
  std::size_t rows_ = 0;
  bool owes_total_ = false;
  std::atomic<const char*> misuse_ = nullptr;  // Which rule the plugin broke first, on any thread.
  std::optional<kist::Error> failure_;
  std::vector<std::string_view> kept_from_messages_;
};

namespace kist::core {

/// Whether a store may have this name for a secret: fault_of_name() finds nothing.
bool is_sound_name(std::string_view name);

/// The table that plugins get; it lives as long as any store that has it. `log_to` receives what
/// they say, fit for a log, and with "(redacted)" for the secrets of the store and of the call.
struct HostTable : kist_host {
  using Log = std::function<void(std::int32_t level, std::string_view message)>;

  explicit HostTable(Log log_sink);
  Log log_to;
  std::vector<std::string_view> secrets;  ///< Borrowed: a store's secret options.
};

}  // namespace kist::core
