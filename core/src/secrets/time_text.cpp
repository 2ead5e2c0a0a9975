// SPDX-License-Identifier: Apache-2.0
#include "secrets/time_text.hpp"

#include <cstddef>
#include <cstdint>

namespace kist::core {
namespace {

using std::chrono::microseconds;

constexpr std::size_t kFractionDigitsMax = 9;
constexpr std::size_t kMicrosecondDigits = 6;

/// Takes a text apart from its front. Once something is missing, all that follows is missing.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }
  char peek() const { return rest_.empty() ? '\0' : rest_[0]; }

  void fail() { ok_ = false; }
  char take() {
    const char c = peek();
    if (rest_.empty())
      fail();
    else
      rest_.remove_prefix(1);
    return c;
  }
  void expect(char c) {
    if (take() != c) fail();
  }
  bool at_digit() const { return peek() >= '0' && peek() <= '9'; }
  /// Exactly `digits` digits, and no more than `most`.
  unsigned number(int digits, unsigned most) {
    unsigned value = 0;
    for (int i = 0; i < digits; ++i) {
      if (!at_digit()) fail();
      if (!ok_) return 0;
      value = value * 10 + static_cast<unsigned>(take() - '0');
    }
    if (value > most) fail();
    return value;
  }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

std::chrono::sys_days scan_date(Scanner& scanner, bool& exists) {
  const unsigned year = scanner.number(4, 9999);
  scanner.expect('-');
  const unsigned month = scanner.number(2, 12);
  scanner.expect('-');
  const unsigned day = scanner.number(2, 31);
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)),
                                         std::chrono::month(month), std::chrono::day(day)};
  exists = scanner.ok() && date.ok();
  return exists ? std::chrono::sys_days(date) : std::chrono::sys_days{};
}

microseconds scan_time_of_day(Scanner& scanner) {
  const std::chrono::hours hours(scanner.number(2, 23));
  scanner.expect(':');
  const std::chrono::minutes minutes(scanner.number(2, 59));
  scanner.expect(':');
  const std::chrono::seconds seconds(scanner.number(2, 59));
  return hours + minutes + seconds;
}

/// What stands behind the point; its digits after the sixth count for nothing.
microseconds scan_fraction(Scanner& scanner) {
  scanner.expect('.');
  std::int64_t value = 0;
  std::size_t digits = 0;
  while (scanner.at_digit() && digits < kFractionDigitsMax) {
    const char digit = scanner.take();
    if (digits < kMicrosecondDigits) value = value * 10 + (digit - '0');
    ++digits;
  }
  if (digits == 0) scanner.fail();
  for (; digits < kMicrosecondDigits; ++digits) value *= 10;
  return microseconds(value);
}

/// "Z", or the offset from UTC that was added to the time.
microseconds scan_offset(Scanner& scanner) {
  const char sign = scanner.take();
  if (sign == 'Z' || sign == 'z') return {};
  const std::chrono::hours hours(scanner.number(2, 23));
  scanner.expect(':');
  const std::chrono::minutes minutes(scanner.number(2, 59));
  if (sign != '+' && sign != '-') scanner.fail();
  return sign == '+' ? hours + minutes : -(hours + minutes);
}

}  // namespace

std::optional<WrittenTime> parse_time(std::string_view text) {
  Scanner scanner(text);
  bool exists = false;
  Timestamp time = scan_date(scanner, exists);
  const char separator = scanner.take();
  if (!exists || (separator != ' ' && separator != 'T' && separator != 't')) return std::nullopt;
  time += scan_time_of_day(scanner);

  microseconds precision = std::chrono::seconds(1);
  if (scanner.peek() == '.') {
    time += scan_fraction(scanner);
    precision = microseconds(1);
  }
  // Only the form with a space may leave out the offset: RFC 3339 demands one, and a reader of a
  // bare "T" form cannot know which zone its writer had in mind.
  if (separator != ' ' || !scanner.at_end()) time -= scan_offset(scanner);
  if (!scanner.ok() || !scanner.at_end()) return std::nullopt;
  return WrittenTime{time, precision};
}

}  // namespace kist::core
