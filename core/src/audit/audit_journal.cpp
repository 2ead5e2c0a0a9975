// SPDX-License-Identifier: Apache-2.0
#include "audit/audit_journal.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include <kist/error.hpp>

#include "audit/audit_line.hpp"
#include "audit/read_range.hpp"
#include "text/printable.hpp"

namespace kist::core {
namespace {

constexpr int kOpenFlags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;

PrivateFile journal_of(const std::filesystem::path& log) {
  std::filesystem::path path = log;
  path += ".journal";
  return {path, "audit journal " + in_quotes(path.native(), 4096), AuditJournal::kBytes};
}

/// A line off the front of `text`, with its line end. Empty: there is none.
std::string_view take_line(std::string_view& text) {
  const std::size_t size = text.substr(0, kAuditLineBytesMax).find('\n') + 1;  // npos + 1 is 0.
  const std::string_view line = text.substr(0, size);
  text.remove_prefix(size);
  return line;
}

struct Chain {
  std::string_view lines;
  std::string_view previous;  // Of the first of them.
  std::uint64_t last_sequence = 0;
};

/// What a journal begins with, as long as each line is chained to the one before it. What lies
/// behind is older, or was never whole.
Chain chain_of(std::string_view journal) {
  AuditHasher hasher;
  Chain chain;
  std::string_view rest = journal, head;
  while (true) {
    const std::string_view text = take_line(rest);
    const auto line = parse_good_audit_line(text.substr(0, text.rfind('\n')), hasher);
    if (!line) break;
    if (chain.lines.empty())
      chain.previous = line->previous;
    else if (line->previous != head)
      break;
    head = line->hash;
    chain.last_sequence = line->sequence;
    chain.lines = journal.substr(0, journal.size() - rest.size());
  }
  return chain;
}

/// How much both begin with, in whole lines.
std::size_t common_lines(std::string_view one, std::string_view other) {
  const std::size_t size = std::min(one.size(), other.size());
  const auto differs = std::mismatch(one.begin(), one.begin() + size, other.begin()).first;
  const std::string_view common = one.substr(0, static_cast<std::size_t>(differs - one.begin()));
  return common.rfind('\n') + 1;  // npos + 1 is 0.
}

/// A crash leaves less than was written, or zeros; other bytes are somebody's, and evidence.
bool is_left_by_crash(std::string_view found, std::string_view written) {
  const std::size_t size = std::min(found.size(), written.size());
  for (std::size_t i = 0; i < size; ++i) {
    if (found[i] != written[i] && found[i] != '\0') return false;
  }
  return true;
}

}  // namespace

std::optional<AuditRepair> repair_audit_log(std::string_view tail, std::string_view journal) {
  const Chain chain = chain_of(journal);
  if (chain.lines.empty()) return std::nullopt;
  const std::string end_before = ",\"hash\":\"" + std::string(chain.previous) + "\"}\n";
  const std::size_t found = tail.rfind(end_before);
  if (found == std::string_view::npos) return std::nullopt;
  const std::size_t begin = found + end_before.size();
  const std::size_t common = common_lines(tail.substr(begin), chain.lines);
  if (common == chain.lines.size()) return std::nullopt;
  if (!is_left_by_crash(tail.substr(begin), chain.lines)) return std::nullopt;
  return AuditRepair{begin + common, chain.lines.substr(common)};
}

std::uint64_t last_sequence_in_journal(std::string_view journal) {
  return chain_of(journal).last_sequence;
}

std::string read_audit_journal(const std::filesystem::path& log) {
  try {
    const auto text = read_private_file(journal_of(log));
    return text ? std::string(text->reveal()) : std::string();
  } catch (const Error&) {
    return {};  // The constructor says why.
  }
}

AuditJournal::AuditJournal(const std::filesystem::path& log,
                           std::function<void(std::string_view)> say)
    : file_(journal_of(log)), say_(std::move(say)) {
  try {
    open();
  } catch (const Error& error) {
    opened_ = FileDescriptor();
    fail(error);
  }
}

void AuditJournal::open() {
  const auto refuse_if = [this](bool wrong, const char* why) {
    if (wrong) throw file_.refusal(why);
  };
  opened_ = FileDescriptor(::open(file_.path.c_str(), kOpenFlags | O_CREAT, 0600));
  if (!opened_) throw file_.failure("open", errno);
  struct stat status {};
  if (::fstat(opened_.get(), &status) != 0) throw file_.failure("read", errno);
  refuse_if(!S_ISREG(status.st_mode), "is no regular file");
  refuse_if(status.st_uid != ::geteuid(), "belongs to another user");
  refuse_if((status.st_mode & 077) != 0, "can be read or written by others; run chmod 600 on it");
  refuse_if(status.st_nlink != 1, "has a second name");
  if (static_cast<std::size_t>(status.st_size) != kBytes) fill();
}

/// What is written over must be there: not a hole, and not only a size.
void AuditJournal::fill() {
  try {
    write(std::string(kBytes, '\0'), 0);
    if (::ftruncate(opened_.get(), static_cast<::off_t>(kBytes)) != 0 ||
        ::fsync(opened_.get()) != 0)
      throw file_.failure("write", errno);
  } catch (const Error&) {
    ::unlink(file_.path.c_str());  // A full disk has better use for it.
    throw;
  }
}

void AuditJournal::write(std::string_view bytes, std::size_t at) {
  while (!bytes.empty()) {
    const ::ssize_t count =
        ::pwrite(opened_.get(), bytes.data(), bytes.size(), static_cast<::off_t>(at));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw file_.failure("write", errno);
    at += static_cast<std::size_t>(count);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void AuditJournal::fail(const Error& error) {
  if (std::exchange(fails_, true)) return;
  say_("audit: " + std::string(error.message()) +
       "; each record waits for the log itself, which takes longer");
}

bool AuditJournal::keep(std::string_view lines) {
  if (!opened_ || lines.size() > kBytes - size_) return false;
  try {
    write(lines, size_);
    if (::fdatasync(opened_.get()) != 0) throw file_.failure("write", errno);
  } catch (const Error& error) {
    fail(error);
    return false;
  }
  size_ += lines.size();
  fails_ = false;
  return true;
}

std::string AuditJournal::kept() const {
  std::string text = read_range(file_, opened_.get(), 0, size_);
  if (text.size() < size_) throw file_.failure("read", EIO);
  return text;
}

}  // namespace kist::core
