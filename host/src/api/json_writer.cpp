// SPDX-License-Identifier: Apache-2.0
#include "api/json_writer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>

#include "text/base64.hpp"
#include "text/printable.hpp"

namespace kist::api {
namespace {

constexpr char kDigits[] = "0123456789abcdef";

/// What stands behind the backslash: 0: the byte needs none; 'u': four digits.
constexpr std::array<char, 256> kEscapes = [] {
  std::array<char, 256> escapes{};
  for (std::size_t i = 0; i < 0x20; ++i) escapes[i] = 'u';
  escapes['\b'] = 'b';
  escapes['\f'] = 'f';
  escapes['\n'] = 'n';
  escapes['\r'] = 'r';
  escapes['\t'] = 't';
  escapes['"'] = '"';
  escapes['\\'] = '\\';
  return escapes;
}();

char escape_of(char c) { return kEscapes[static_cast<std::uint8_t>(c)]; }

void append_escaped(detail::SecretBuffer& out, std::string_view text) {
  while (!text.empty()) {
    std::size_t plain = 0;
    while (plain < text.size() && escape_of(text[plain]) == 0) ++plain;
    out.append(text.substr(0, plain));
    if (plain == text.size()) return;
    const char c = text[plain];
    const char escape = escape_of(c);
    out.append({std::array{'\\', escape}.data(), 2});
    if (escape == 'u')
      out.append({std::array{'0', '0', kDigits[c >> 4], kDigits[c & 15]}.data(), 4});
    text.remove_prefix(plain + 1);
  }
}

/// Writes `digits` digits.
void put_number(char* out, int digits, std::uint64_t number) {
  for (int i = digits - 1; i >= 0; --i) {
    out[i] = static_cast<char>('0' + number % 10);
    number /= 10;
  }
}

constexpr Timestamp kFirstTime = std::chrono::sys_days(std::chrono::year(0) / 1 / 1);
constexpr Timestamp kLastTime =
    Timestamp(std::chrono::sys_days(std::chrono::year(10'000) / 1 / 1)) -
    std::chrono::microseconds(1);

}  // namespace

void JsonWriter::comma(char opening) {
  if (out_.data()[out_.size() - 1] != opening) *out_.extend(1) = ',';
}

JsonWriter& JsonWriter::member(std::string_view name) {
  comma('{');
  char* const place = out_.extend(name.size() + 3);
  *place = '"';
  std::copy(name.begin(), name.end(), place + 1);
  place[name.size() + 1] = '"';
  place[name.size() + 2] = ':';
  return *this;
}

JsonWriter& JsonWriter::member_named(std::string_view name) {
  comma('{');
  text(name);
  *out_.extend(1) = ':';
  return *this;
}

JsonWriter& JsonWriter::item() {
  comma('[');
  return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  out_.append(json);
  return *this;
}

JsonWriter& JsonWriter::text(std::string_view text) {
  *out_.extend(1) = '"';
  if (core::is_utf8(text))
    append_escaped(out_, text);
  else
    append_escaped(out_, core::printable(text, 4 * text.size()));
  *out_.extend(1) = '"';
  return *this;
}

JsonWriter& JsonWriter::bytes(std::string_view bytes) {
  if (core::is_utf8(bytes)) return text(bytes);
  raw("{\"base64\":\"");
  const std::size_t start = out_.size(), size = core::base64_size(bytes.size());
  core::write_base64(bytes, out_.extend(size + 1));
  out_.truncate(start + size);
  return raw("\"}");
}

JsonWriter& JsonWriter::number(std::uint64_t number) {
  char text[20];
  const auto end = std::to_chars(std::begin(text), std::end(text), number).ptr;
  out_.append({text, static_cast<std::size_t>(end - text)});
  return *this;
}

JsonWriter& JsonWriter::uuid(const Uuid& uuid) {
  char* out = out_.extend(38);
  *out++ = '"';
  for (std::size_t i = 0; i < uuid.bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *out++ = '-';
    *out++ = kDigits[uuid.bytes[i] >> 4];
    *out++ = kDigits[uuid.bytes[i] & 15];
  }
  *out = '"';
  return *this;
}

JsonWriter& JsonWriter::time(Timestamp time) {
  time = std::clamp(time, kFirstTime, kLastTime);
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  constexpr std::string_view form = "\"0000-00-00T00:00:00.000000Z\"";
  char* const out = out_.extend(form.size());
  std::copy(form.begin(), form.end(), out);
  put_number(out + 1, 4, static_cast<std::uint64_t>(int(date.year())));
  put_number(out + 6, 2, unsigned(date.month()));
  put_number(out + 9, 2, unsigned(date.day()));
  put_number(out + 12, 2, static_cast<std::uint64_t>(clock.hours().count()));
  put_number(out + 15, 2, static_cast<std::uint64_t>(clock.minutes().count()));
  put_number(out + 18, 2, static_cast<std::uint64_t>(clock.seconds().count()));
  put_number(out + 21, 6, static_cast<std::uint64_t>(clock.subseconds().count()));
  return *this;
}

}  // namespace kist::api
