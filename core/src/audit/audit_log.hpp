// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <kist/models.hpp>

#include "audit/signing_key.hpp"

namespace kist::core {

/// Who did what to which secret, and what came of it; never a value.
struct AuditRecord {
  Timestamp time;
  std::string request_id;
  std::string peer;         ///< "127.0.0.1:51234".
  std::string principal;    ///< Name; empty: nobody whom the host knows.
  std::string_view action;  ///< "secret.get"; of static storage.
  std::optional<Uuid> secret_id;
  std::string secret_name;  ///< As asked for or found; empty: none is known.
  int status = 0;           ///< Of the reply: 200, 404.
  std::string_view result;  ///< "ok", or the error's code: "not_found"; of static storage.
};

/// Waits until its record is durable.
class AuditWaiter {
 public:
  /// Called once, on the thread of the log. False: the record is not there, and never will be.
  virtual void audited(bool durable) noexcept = 0;

 protected:
  ~AuditWaiter() = default;
};

struct AuditLogSettings {
  std::filesystem::path file;
  std::uint64_t rotate_bytes = 0;             ///< A file as large as this is put away; 0: never.
  std::chrono::milliseconds deadline{5'000};  ///< A record that is not durable by then has failed.
};

/// The audit log: one line of JSON a record, each with the hash of the one before it, and signed
/// checkpoints between them. A thread of its own writes what has come meanwhile, all of it with one
/// fdatasync, so that many who wait share its cost. Threads: any number.
class AuditLog {
 public:
  /// Goes on where the file ends, behind a torn last line if a crash has left one, or makes it.
  /// `say` takes sentences for the operator's log; any thread.
  /// Errors: failed_precondition: the file is another's or readable by others, its last record is
  /// not what its hash says, or another process writes it; permission_denied; unavailable.
  AuditLog(AuditLogSettings settings, SigningKey key, std::function<void(std::string_view)> say);
  /// Writes what has been taken, and a last checkpoint.
  ~AuditLog();
  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;

  /// Takes a record. `waiter` is borrowed until it is called.
  void append(AuditRecord record, AuditWaiter& waiter);

  /// Why records cannot be written now; nothing: they can. Cheap where they can.
  std::optional<std::string> problem() const;

  /// Puts the file away, if it is there still, and goes on in a new one: for SIGHUP, and after the
  /// file was taken away.
  void reopen();

  struct Counts {
    std::uint64_t records = 0, failures = 0, syncs = 0;
  };
  Counts counts() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace kist::core
