// SPDX-License-Identifier: Apache-2.0
#include "audit/audit_writer.hpp"

#include <utility>

#include <kist/error.hpp>

namespace kist::core {
namespace {

/// Of text that is written while more of a batch is to come, so that memory is bounded.
constexpr std::size_t kWriteBytes = 1024 * 1024;

Timestamp now() {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

Error gone(const AuditFile& file) {
  return {ErrorCode::unavailable,
          file.file().name +
              " was deleted, renamed or replaced while it was open; put it back, or send the host "
              "SIGHUP to begin a new one"};
}

Error changed(const AuditFile& file) {
  return {
      ErrorCode::unavailable,
      file.file().name +
          " was cut or written to by somebody else while it was open; keep it for whoever looks "
          "into it, and send the host SIGHUP to begin a new one"};
}

}  // namespace

AuditWriter::AuditWriter(const AuditLogSettings& settings, SigningKey key,
                         std::function<void(std::string_view)> say)
    : settings_(settings),
      key_(std::move(key)),
      say_(std::move(say)),
      file_(AuditFile::open(settings.file, end_)),
      journal_(settings.file, say_),
      lines_(end_.head),
      durable_(end_.head),
      first_sequence_(file_.first_sequence()),
      rotate_at_(settings.rotate_bytes) {
  std::string_view reason = "start";
  if (end_.restored > 0)
    say_("audit: put " + std::to_string(end_.restored) + " lines back into " + file_.file().name +
         " from its journal; a crash of the machine, or somebody, had taken them");
  if (end_.torn_bytes > 0) {
    file_.cut(end_.torn_bytes);
    lines_.cut(now(), end_.torn_bytes);
    say_("audit: cut " + std::to_string(end_.torn_bytes) + " bytes of a torn line off the end of " +
         file_.file().name +
         (end_.is_stopped ? "; the host had stopped, so that a start which was cut short has left "
                            "them, or somebody else"
                          : "; a crash has left them, and nobody was told that they are durable"));
  }
  if (first_sequence_ != 0) {
    records_in_file_ = 1;
  } else {
    first_sequence_ = durable_.sequence + 1;
    if (const auto loss = what_was_lost()) {
      say_("audit: " + file_.file().name + " was missing or empty, " + *loss);
      reason = "lost";
    }
  }
  checkpoint(reason);
  try {
    sync(Durable::in_file);
    file_.sync_directory();
  } catch (const Error&) {
    file_.cut_back();
    throw;
  }
}

/// A file that is begun has a line at once, so one that is missing held some, if anything of its
/// time is left.
std::optional<std::string> AuditWriter::what_was_lost() const {
  if (durable_.sequence != 0)
    return "and what it held is lost; a new one goes on behind sequence " +
           std::to_string(durable_.sequence);
  const std::string begins = "; a new log begins at sequence 1, and what was before is lost";
  if (const auto sequence = last_sequence_in_journal(read_audit_journal(settings_.file)))
    return "though its journal has lines up to sequence " + std::to_string(sequence) + begins;
  if (settings_.was_written_before) return "though the key that signed it is there" + begins;
  return std::nullopt;
}

void AuditWriter::add(const AuditRecord& record) {
  lines_.record(record);
  ++added_;
  if (++since_checkpoint_ >= settings_.checkpoint_records) checkpoint("records");
  if (lines_.text().size() < kWriteBytes) return;
  write();
  lines_.clear();
  in_parts_ = true;
}

void AuditWriter::write() {
  if (file_.is_unsure()) file_.restore(journal_.kept());
  file_.write(lines_.text());
}

void AuditWriter::checkpoint(std::string_view reason) {
  lines_.checkpoint(now(), reason, key_);
  since_checkpoint_ = 0;
  head_to_say_ = "audit: checkpoint " + std::to_string(lines_.head().sequence) + ":" +
                 std::string(text_of(lines_.head().hash));
}

void AuditWriter::sync(Durable where) {
  const bool may_wait = where == Durable::in_journal && !in_parts_;
  write();
  // Behind the file: what the file does not take must not be in the journal.
  if (may_wait && journal_.keep(lines_.text())) {
    file_.settle();
  } else {
    file_.sync();
    journal_.begin_anew();
  }
  lines_.clear();
  in_parts_ = false;
  ++syncs_;
  durable_ = lines_.head();
  records_in_file_ += std::exchange(added_, 0);
  if (durable_since_checkpoint_ == 0 && since_checkpoint_ > 0) unsigned_from_ = Clock::now();
  durable_since_checkpoint_ = since_checkpoint_;
  if (head_to_say_.empty()) return;
  say_(head_to_say_);
  head_to_say_.clear();
}

void AuditWriter::commit(Durable where) {
  sync(where);
  look();  // Behind the sync, so that a file that went away meanwhile is noticed as well.
}

void AuditWriter::roll_back() noexcept {
  if (!is_altered_) file_.cut_back();  // Not at an offset that is somebody else's.
  lines_.back_to(durable_);
  added_ = 0;
  in_parts_ = false;
  since_checkpoint_ = durable_since_checkpoint_;
  head_to_say_.clear();
}

void AuditWriter::look() {
  if (!file_.is_there()) throw gone(file_);
  is_altered_ = is_altered_ || !file_.is_whole();
  if (is_altered_) throw changed(file_);
}

void AuditWriter::checkpoint_if_due() {
  if (durable_since_checkpoint_ == 0 || Clock::now() < unsigned_from_ + settings_.checkpoint_time)
    return;
  checkpoint("time");
  commit();
}

void AuditWriter::put_away() {
  file_.put_away(first_sequence_);
  needs_new_file_ = true;
}

void AuditWriter::go_on_in_new_file() {
  const std::uint64_t first_sequence = durable_.sequence + 1;
  AuditFile old = std::exchange(file_, AuditFile::create(settings_.file));
  try {
    checkpoint("file");
    sync(Durable::in_file);
    file_.sync_directory();
  } catch (const Error&) {
    file_.cut_back();
    file_ = std::move(old);
    throw;
  }
  needs_new_file_ = is_altered_ = false;
  first_sequence_ = first_sequence;
  records_in_file_ = 0;
  rotate_at_ = settings_.rotate_bytes;
}

void AuditWriter::rotate_if_due() {
  if (settings_.rotate_bytes == 0 || file_.size() < rotate_at_ || records_in_file_ == 0) return;
  checkpoint("rotation");
  commit(Durable::in_file);
  try {
    put_away();
  } catch (const Error& error) {
    rotate_at_ = file_.size() + settings_.rotate_bytes / 8 + 1;
    say_("audit: " + std::string(error.message()) + "; it grows on");
    return;
  }
  go_on_in_new_file();
}

bool AuditWriter::reopen() {
  if (!needs_new_file_) {
    const bool is_there = file_.is_there();
    if (is_there && records_in_file_ == 0) return false;
    if (is_altered_) {
      file_.sync();
    } else if (file_.has_name()) {
      checkpoint("rotation");
      sync(Durable::in_file);
    }
    try {
      if (is_there) file_.put_away(first_sequence_);
    } catch (const Error& error) {
      say_("audit: " + std::string(error.message()) + "; it is written on");
      return true;
    }
    needs_new_file_ = true;
  }
  go_on_in_new_file();
  return true;
}

void AuditWriter::recover() {
  if (needs_new_file_) return go_on_in_new_file();
  look();
  checkpoint("recovered");
  commit();
}

void AuditWriter::stop() {
  if (needs_new_file_) return;
  checkpoint("stop");
  sync(Durable::in_file);
}

}  // namespace kist::core
