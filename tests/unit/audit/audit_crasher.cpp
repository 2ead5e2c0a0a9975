// SPDX-License-Identifier: Apache-2.0
// Appends records to an audit log until it is killed, and prints the number of each that it was
// told to be durable:   kist_audit_crasher FILE

#include <unistd.h>

#include <atomic>
#include <charconv>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>

#include "audit/audit_log.hpp"

using namespace kist::core;

namespace {

/// Many records are on their way at once, so that a batch is being written most of the time.
constexpr int kOnTheirWay = 64;

std::mutex mutex;
std::condition_variable freed;
int on_their_way = 0;  // Guarded by mutex.

class Printer final : public AuditWaiter {
 public:
  explicit Printer(int number) : number_(number) {}

  void audited(bool durable) noexcept override {
    char line[32];
    char* const end = std::to_chars(line, line + 20, number_).ptr;
    *end = '\n';
    if (!durable || ::write(STDOUT_FILENO, line, static_cast<std::size_t>(end + 1 - line)) < 0)
      ::_exit(1);
    const std::lock_guard lock(mutex);
    --on_their_way;
    freed.notify_one();
  }

 private:
  int number_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  AuditLogSettings settings;
  settings.file = argv[1];
  settings.rotate_bytes = 50'000;
  settings.checkpoint_records = 100;
  AuditLog log(settings, SigningKey::open(settings.file.parent_path()), [](std::string_view) {});
  std::deque<Printer> printers;
  for (int number = 1;; ++number) {
    {
      std::unique_lock lock(mutex);
      freed.wait(lock, [] { return on_their_way < kOnTheirWay; });
      ++on_their_way;
    }
    AuditRecord record;
    record.action = "secret.get";
    record.secret_name = "<" + std::to_string(number) + ">";
    record.result = "ok";
    log.append(std::move(record), printers.emplace_back(number));
  }
}
