// SPDX-License-Identifier: Apache-2.0
#include "audit/audit_log.hpp"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <kist/error.hpp>

#include "audit/audit_writer.hpp"
#include "text/printable.hpp"

namespace kist::core {
namespace {

using Clock = std::chrono::steady_clock;

struct Taken {
  AuditRecord record;
  AuditWaiter* waiter;  // Null: it was called.
  Clock::time_point deadline;
};

/// Moves those who wait to `to`, from `first` on while `is_due` holds; gives where it ended.
template <class IsDue>
std::size_t take_waiters(std::vector<Taken>& from, std::size_t first, IsDue is_due,
                         std::vector<AuditWaiter*>& to) {
  for (; first < from.size() && is_due(from[first]); ++first) {
    if (AuditWaiter* const waiter = std::exchange(from[first].waiter, nullptr))
      to.push_back(waiter);
  }
  return first;
}

void tell(std::vector<AuditWaiter*>& waiters, bool durable) {
  for (AuditWaiter* const waiter : waiters) waiter->audited(durable);
  waiters.clear();
}

/// On a core that it shares with those who append, the thread would run for each record, and each
/// would have a sync to itself. So it waits until they have nothing to do.
void let_others_go_first() {
  const ::sched_param none{};
  ::pthread_setschedparam(::pthread_self(), SCHED_BATCH, &none);  // Works without, too.
}

}  // namespace

struct AuditLog::Parts {
  Parts(const AuditLogSettings& with, SigningKey key, std::function<void(std::string_view)> sayer)
      : settings(with), say(std::move(sayer)), writer(settings, std::move(key), say) {
    for (std::vector<Taken>* const records_of : {&incoming, &batch, &spent})
      records_of->reserve(kReserved);
    told.reserve(kReserved);
    syncs = writer.syncs();
  }
  ~Parts() {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
    }
    writer_woken.notify_one();
    if (writing.joinable()) writing.join();
    {
      const std::lock_guard lock(mutex);
      stopped = true;
    }
    watcher_woken.notify_one();
    if (watching.joinable()) watching.join();
  }
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

  static constexpr std::size_t kReserved = 1024;

  void start();

  // The writing thread. A lock that is passed is held, and let go meanwhile.
  void write_until_stopped();
  void wait_for_work(std::unique_lock<std::mutex>& lock);
  void write_batch(std::unique_lock<std::mutex>& lock);
  bool commit_batch();
  void finish_batch(std::unique_lock<std::mutex>& lock, bool durable);
  void look_after_file();
  /// Does what may fail, and notes the problem or that there is none. Without the lock.
  bool attempt(const std::function<void()>& work);
  void set_problem(std::unique_lock<std::mutex>& lock, std::string text);

  // The watching thread.
  void watch_deadlines();
  Clock::time_point next_deadline() const;

  const AuditLogSettings settings;
  const std::function<void(std::string_view)> say;

  // The writing thread's own.
  AuditWriter writer;
  std::vector<Taken> spent;  // Is emptied without the lock.
  std::vector<AuditWaiter*> told;
  Clock::time_point look_at = Clock::now() + settings.look_time;

  mutable std::mutex mutex;
  std::condition_variable writer_woken, watcher_woken, reopened;
  // Guarded by mutex. Of `batch`, the writing thread reads the records without it.
  std::vector<Taken> incoming, batch;
  std::size_t incoming_expired = 0, batch_expired = 0;  // So many at the front.
  bool writer_waits = false, stopping = false, stopped = false;
  std::uint64_t reopens_wanted = 0, reopens_done = 0;
  std::string problem;

  std::atomic<bool> has_problem{false};
  std::atomic<std::uint64_t> records{0}, failures{0}, syncs{0};

  std::thread writing, watching;
};

void AuditLog::Parts::start() {
  try {
    writing = std::thread([this] { write_until_stopped(); });
    watching = std::thread([this] { watch_deadlines(); });
  } catch (const std::system_error& error) {
    throw Error(ErrorCode::resource_exhausted,
                std::string("no thread can be made for the audit log: ") + error.what());
  }
}

void AuditLog::Parts::set_problem(std::unique_lock<std::mutex>& lock, std::string text) {
  if (text == problem) return;
  const bool was_well = problem.empty();
  problem = std::move(text);
  has_problem = !problem.empty();
  const std::string sentence =
      problem.empty() ? "audit: records are written again" : "audit: " + problem;
  // A text that changes from try to try would fill the log.
  if (!was_well && !problem.empty()) return;
  lock.unlock();
  say(sentence);
  lock.lock();
}

bool AuditLog::Parts::attempt(const std::function<void()>& work) {
  std::string failure;
  try {
    work();
  } catch (const std::exception& error) {
    failure = error.what();
    writer.roll_back();
  }
  syncs.store(writer.syncs(), std::memory_order_relaxed);
  const bool done = failure.empty();
  std::unique_lock lock(mutex);
  set_problem(lock, std::move(failure));
  return done;
}

void AuditLog::Parts::wait_for_work(std::unique_lock<std::mutex>& lock) {
  const auto is_work = [this] {
    return !incoming.empty() || stopping || reopens_done < reopens_wanted;
  };
  if (is_work()) return;
  writer_waits = true;
  writer_woken.wait_until(lock, look_at, is_work);
  writer_waits = false;
}

void AuditLog::Parts::look_after_file() {
  const auto now = Clock::now();
  if (now < look_at) return;
  look_at = now + settings.look_time;
  attempt([this] {
    if (has_problem) return writer.recover();
    writer.look();
    writer.checkpoint_if_due();
  });
}

void AuditLog::Parts::write_until_stopped() {
  let_others_go_first();
  std::unique_lock lock(mutex);
  while (true) {
    wait_for_work(lock);
    const std::uint64_t reopens = reopens_wanted;
    if (reopens_done < reopens) {
      lock.unlock();
      attempt([this] {
        if (!writer.reopen() && has_problem) writer.recover();
      });
      lock.lock();
      reopens_done = reopens;
      reopened.notify_all();
    }
    if (!incoming.empty())
      write_batch(lock);
    else if (stopping)
      break;
    lock.unlock();
    look_after_file();
    lock.lock();
  }
  const bool well = problem.empty();
  lock.unlock();
  if (well) attempt([this] { writer.stop(); });
}

bool AuditLog::Parts::commit_batch() {
  return attempt([this] {
    for (const Taken& taken : batch) writer.add(taken.record);
    writer.commit();
  });
}

void AuditLog::Parts::write_batch(std::unique_lock<std::mutex>& lock) {
  batch.swap(incoming);
  // Whose deadline has passed were told that they failed.
  batch.erase(batch.begin(), batch.begin() + static_cast<std::ptrdiff_t>(incoming_expired));
  batch_expired = incoming_expired = 0;
  if (batch.empty()) return;
  const bool well = problem.empty();
  lock.unlock();
  const bool durable = well && commit_batch();
  lock.lock();
  finish_batch(lock, durable);
  lock.unlock();
  if (durable) attempt([this] { writer.rotate_if_due(); });
  lock.lock();
}

void AuditLog::Parts::finish_batch(std::unique_lock<std::mutex>& lock, bool durable) {
  take_waiters(
      batch, batch_expired, [](const Taken&) { return true; }, told);
  batch.swap(spent);
  lock.unlock();
  (durable ? records : failures).fetch_add(told.size(), std::memory_order_relaxed);
  tell(told, durable);
  spent.clear();
  lock.lock();
}

Clock::time_point AuditLog::Parts::next_deadline() const {
  // They are in the order of their deadlines. What comes later expires later than this look.
  if (batch_expired < batch.size()) return batch[batch_expired].deadline;
  if (incoming_expired < incoming.size()) return incoming[incoming_expired].deadline;
  return Clock::now() + settings.deadline;
}

void AuditLog::Parts::watch_deadlines() {
  std::vector<AuditWaiter*> late;
  std::unique_lock lock(mutex);
  while (!stopped) {
    watcher_woken.wait_until(lock, next_deadline(), [this] { return stopped; });
    const auto now = Clock::now();
    const auto is_due = [now](const Taken& taken) { return taken.deadline <= now; };
    batch_expired = take_waiters(batch, batch_expired, is_due, late);
    incoming_expired = take_waiters(incoming, incoming_expired, is_due, late);
    if (late.empty()) continue;
    if (problem.empty())
      set_problem(lock, "audit file " + in_quotes(settings.file.native(), 4096) +
                            " has taken no record for " +
                            std::to_string(settings.deadline.count()) + " ms");
    lock.unlock();
    failures.fetch_add(late.size(), std::memory_order_relaxed);
    tell(late, false);
    lock.lock();
  }
}

AuditLog::AuditLog(AuditLogSettings settings, SigningKey key,
                   std::function<void(std::string_view)> say)
    : parts_(std::make_unique<Parts>(settings, std::move(key), std::move(say))) {
  parts_->start();
}

AuditLog::~AuditLog() = default;

void AuditLog::append(AuditRecord record, AuditWaiter& waiter) {
  Parts& parts = *parts_;
  const auto deadline = Clock::now() + parts.settings.deadline;
  bool taken = false, wake = false;
  {
    const std::lock_guard lock(parts.mutex);
    taken = parts.problem.empty() && parts.incoming.size() < kAuditQueueMax;
    if (taken) {
      parts.incoming.push_back({std::move(record), &waiter, deadline});
      wake = std::exchange(parts.writer_waits, false);
    }
  }
  if (wake) parts.writer_woken.notify_one();
  if (taken) return;
  parts.failures.fetch_add(1, std::memory_order_relaxed);
  waiter.audited(false);
}

std::optional<std::string> AuditLog::problem() const {
  if (!parts_->has_problem.load(std::memory_order_relaxed)) return std::nullopt;
  const std::lock_guard lock(parts_->mutex);
  if (parts_->problem.empty()) return std::nullopt;
  return parts_->problem;
}

void AuditLog::reopen() {
  Parts& parts = *parts_;
  std::unique_lock lock(parts.mutex);
  const std::uint64_t wanted = ++parts.reopens_wanted;
  parts.writer_woken.notify_one();
  parts.reopened.wait_for(lock, parts.settings.deadline,
                          [&] { return parts.reopens_done >= wanted; });
}

AuditLog::Counts AuditLog::counts() const {
  return {parts_->records.load(std::memory_order_relaxed),
          parts_->failures.load(std::memory_order_relaxed),
          parts_->syncs.load(std::memory_order_relaxed)};
}

}  // namespace kist::core
