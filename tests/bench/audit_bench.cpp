// SPDX-License-Identifier: Apache-2.0
// The audit log in the way of a request: what a caller pays, and what the thread of the log does
// for each record, beside a bare SHA-256 of as many bytes.

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "../unit/audit/audit_sample.hpp"
#include "audit/audit_line.hpp"
#include "audit/audit_log.hpp"

namespace kist::bench {
namespace {

constexpr int kBatch = 64;

/// A directory that goes away.
class Place {
 public:
  explicit Place(std::string_view parent) {
    std::string name = std::string(parent) + "/kist-bench-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
    settings_.file = path_ / "audit.jsonl";
  }
  ~Place() { std::filesystem::remove_all(path_); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  const core::AuditLogSettings& settings() const { return settings_; }
  /// Keeps the disk from filling up.
  void trim(core::AuditLog& log) const {
    if (std::filesystem::file_size(settings_.file) < 64 * 1024 * 1024) return;
    log.reopen();
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      if (entry.path() != settings_.file) std::filesystem::remove(entry.path());
    }
  }

 private:
  std::filesystem::path path_;
  core::AuditLogSettings settings_;
};

/// Wakes who waits at the end of a batch only.
class Counted final : public core::AuditWaiter {
 public:
  void audited(bool durable) noexcept override {
    if (!durable) std::abort();
    if (left_.fetch_sub(1, std::memory_order_acq_rel) == 1) left_.notify_one();
  }
  void expect(int count) { left_.store(count, std::memory_order_release); }
  void wait() const {
    for (int left = left_.load(); left != 0; left = left_.load()) left_.wait(left);
  }

 private:
  std::atomic<int> left_{0};
};

/// What a line is made of, and no less: its hash, in OpenSSL alone.
void audit_hash_bare(benchmark::State& state) {
  core::AuditLines lines;
  lines.record(core::testing::worked_record());
  const std::string line(lines.text().substr(0, lines.text().rfind(",\"hash\"")));
  core::AuditHasher hasher;
  for (auto _ : state) {
    core::AuditHash hash = hasher.hash(line);
    benchmark::DoNotOptimize(hash);
  }
  state.counters["bytes"] = static_cast<double>(line.size());
}
BENCHMARK(audit_hash_bare);

/// The line of a record: format, hash, chain.
void audit_line(benchmark::State& state) {
  core::AuditLines lines;
  const core::AuditRecord sample = core::testing::worked_record();
  for (auto _ : state) {
    lines.record(sample);
    if (lines.text().size() > 64 * 1024) lines.clear();
  }
}
BENCHMARK(audit_line);

/// What the caller's thread pays for a record, in its CPU time, while the disk syncs others. The
/// copy of the sample is in it, which a server does not make.
void audit_append(benchmark::State& state) {
  const Place place(".");
  core::AuditLog log(place.settings(), core::SigningKey::make(), [](std::string_view) {});
  Counted waiter;
  const core::AuditRecord sample = core::testing::worked_record();
  for (auto _ : state) {
    waiter.expect(kBatch);
    for (int i = 0; i < kBatch; ++i) log.append(sample, waiter);
    state.PauseTiming();
    waiter.wait();
    place.trim(log);
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * kBatch);
}
BENCHMARK(audit_append);

/// All of it, on all threads, in CPU time of the process: records from append() to their waiters.
/// In memory, where a sync costs nothing.
void audit_whole(benchmark::State& state) {
  const Place place("/dev/shm");
  core::AuditLog log(place.settings(), core::SigningKey::make(), [](std::string_view) {});
  Counted waiter;
  const core::AuditRecord sample = core::testing::worked_record();
  const auto batch = static_cast<int>(state.range(0));
  for (auto _ : state) {
    waiter.expect(batch);
    for (int i = 0; i < batch; ++i) log.append(sample, waiter);
    waiter.wait();
    place.trim(log);
  }
  state.SetItemsProcessed(state.iterations() * batch);
}
BENCHMARK(audit_whole)->Arg(1)->Arg(64)->Arg(1024)->MeasureProcessCPUTime();

}  // namespace
}  // namespace kist::bench
