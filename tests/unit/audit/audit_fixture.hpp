// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <poll.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "../config/temporary_directory.hpp"
#include "audit/audit_log.hpp"
#include "audit/audit_verify.hpp"
#include "secrets/time_text.hpp"

namespace kist::core::testing {

/// Until it holds; a test that waits for what never comes fails.
inline bool comes_true(const std::function<bool()>& holds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    ::poll(nullptr, 0, 1);
  }
  return true;
}

class Waiter final : public AuditWaiter {
 public:
  void audited(bool durable) noexcept override {
    const std::lock_guard lock(mutex_);
    ++calls_;
    durable_ = durable;
    called_.notify_all();
  }

  /// What it is told; false also if nobody tells it.
  bool wait() {
    std::unique_lock lock(mutex_);
    REQUIRE(called_.wait_for(lock, std::chrono::seconds(60), [this] { return calls_ > 0; }));
    return durable_;
  }
  int calls() {
    const std::lock_guard lock(mutex_);
    return calls_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable called_;
  int calls_ = 0;
  bool durable_ = false;
};

inline AuditRecord sample_record(std::string name = "db/password") {
  return {.time = parse_time("2026-03-01T12:00:00.000007Z")->time,
          .request_id = "0123456789abcdef",
          .peer = "127.0.0.1:51234",
          .principal = "alice",
          .action = "secret.get",
          .secret_id = Uuid::parse("6ba7b8109dad41d180b400c04fd430c8"),
          .secret_name = std::move(name),
          .status = 200,
          .result = "ok"};
}

/// The place of one log, and what it says.
class LogPlace {
 public:
  LogPlace() { settings.file = directory.path() / "audit.jsonl"; }

  std::unique_ptr<AuditLog> open() {
    return std::make_unique<AuditLog>(settings, SigningKey::open(directory.path()),
                                      [this](std::string_view sentence) {
                                        const std::lock_guard lock(mutex_);
                                        said_.emplace_back(sentence);
                                      });
  }
  /// Opens it, writes so many records and closes it.
  void write_records(int count, const std::string& name = "n") {
    const auto log = open();
    for (int i = 0; i < count; ++i) {
      Waiter waiter;
      log->append(sample_record(name + std::to_string(i)), waiter);
      REQUIRE(waiter.wait());
    }
  }

  std::vector<std::string> said() const {
    const std::lock_guard lock(mutex_);
    return said_;
  }
  std::string text() const { return text_of(settings.file); }
  std::vector<std::string> lines() const { return lines_of(settings.file); }
  static std::vector<std::string> lines_of(const std::filesystem::path& file) {
    std::vector<std::string> lines;
    std::ifstream stream(file, std::ios::binary);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
  }
  AuditVerification verify(std::vector<AuditHead> expected = {}) const {
    AuditVerifyOptions options;
    options.keys.push_back(SigningKey::open(directory.path()).public_key());
    options.expected = std::move(expected);
    return verify_audit(audit_files(settings.file), options);
  }
  /// "" if all is as it was written.
  std::string fault() const {
    const AuditVerification result = verify();
    return result.fault ? result.fault->sentence() : "";
  }

  TemporaryDirectory directory;
  AuditLogSettings settings;

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> said_;
};

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// How many lines of this kind there are.
inline std::size_t count_of(const std::vector<std::string>& lines, std::string_view part) {
  std::size_t count = 0;
  for (const std::string& line : lines) count += contains(line, part) ? 1U : 0U;
  return count;
}

}  // namespace kist::core::testing
