// SPDX-License-Identifier: Apache-2.0
#include "audit/audit_line.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstring>

#include <openssl/evp.h>

#include <kist/error.hpp>

#include "text/hex.hpp"
#include "text/printable.hpp"

namespace kist::core {
namespace {

constexpr std::size_t kHashBytes = kAuditHashDigits / 2;
/// What a line holds at most beside the texts of its record.
constexpr std::size_t kFixedBytesMax = 1024;
/// A byte becomes "\u001b" at worst.
constexpr std::size_t kEscapedBytesMax = 6;

constexpr std::string_view kSequence = "{\"sequence\":", kTime = ",\"time\":\"",
                           kKind = "\",\"kind\":\"", kPrevious = ",\"previous\":\"",
                           kHash = ",\"hash\":\"", kEnd = "\"}", kKey = ",\"key\":\"",
                           kSignature = ",\"signature\":\"";
constexpr std::string_view kReason = ",\"reason\":\"";
constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::size_t kTimeSize = 27;  // "2026-03-01T12:00:00.000000Z".

void require(bool done) {
  if (!done) throw Error(ErrorCode::internal, "OpenSSL cannot compute SHA-256");
}

char* put(char* out, std::string_view text) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

char* put_number(char* out, std::uint64_t number) {
  return std::to_chars(out, out + 20, number).ptr;
}

char* put_digits(char* out, unsigned number, int digits) {
  for (int i = digits; i-- > 0; number /= 10) out[i] = static_cast<char>('0' + number % 10);
  return out + digits;
}

/// What stands in a JSON string as it is, and takes one byte.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t c = 0x20; c < 0x7F; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}();

char* put_code_point(char* out, unsigned point) {
  out = put(out, "\\u");
  for (int shift = 12; shift >= 0; shift -= 4) *out++ = kHexDigits[point >> shift & 15];
  return out;
}

/// A byte that is of no UTF-8 becomes the four characters \xNN, as in every message of Kist.
char* put_foreign_byte(char* out, std::uint8_t byte) {
  out = put(out, "\\\\x");
  *out++ = kHexDigits[byte >> 4];
  *out++ = kHexDigits[byte & 15];
  return out;
}

/// Of a sequence of two or three bytes: no other is one that printable() would escape.
unsigned code_point(std::string_view sequence) {
  const auto bits = [&](std::size_t i, unsigned mask) {
    return static_cast<std::uint8_t>(sequence[i]) & mask;
  };
  if (sequence.size() == 2) return bits(0, 0x1F) << 6 | bits(1, 0x3F);
  return bits(0, 0x0F) << 12 | bits(1, 0x3F) << 6 | bits(2, 0x3F);
}

/// Takes one character off the front of `text`.
char* put_special(char* out, std::string_view& text) {
  const std::size_t size = utf8_sequence_size(text);
  const std::string_view sequence = text.substr(0, std::max<std::size_t>(size, 1));
  text.remove_prefix(sequence.size());
  const auto first = static_cast<std::uint8_t>(sequence[0]);
  if (size == 0) return put_foreign_byte(out, first);
  if (first == '"' || first == '\\') {
    *out++ = '\\';
    *out++ = sequence[0];
    return out;
  }
  if (size == 1) return put_code_point(out, first);
  if (!is_printable(sequence)) return put_code_point(out, code_point(sequence));
  return put(out, sequence);
}

char* put_escaped(char* out, std::string_view text) {
  const bool is_cut = text.size() > kAuditTextBytesMax;
  text = text.substr(0, kAuditTextBytesMax);
  while (!text.empty()) {
    std::size_t plain = 0;
    while (plain < text.size() && kPlain[static_cast<std::uint8_t>(text[plain])]) ++plain;
    out = put(out, text.substr(0, plain));
    text.remove_prefix(plain);
    if (!text.empty()) out = put_special(out, text);
  }
  return is_cut ? put(out, "…") : out;
}

/// `,"name":"text"`, or null where there is no text. `name` has the punctuation around it.
char* put_text(char* out, std::string_view name, std::string_view text) {
  out = put(out, name);
  if (text.empty()) return put(out, "null");
  *out++ = '"';
  out = put_escaped(out, text);
  *out++ = '"';
  return out;
}

char* put_uuid(char* out, const std::optional<Uuid>& uuid) {
  if (!uuid) return put(out, "null");
  *out++ = '"';
  for (std::size_t i = 0; i < uuid->bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *out++ = '-';
    *out++ = kHexDigits[uuid->bytes[i] >> 4];
    *out++ = kHexDigits[uuid->bytes[i] & 15];
  }
  *out++ = '"';
  return out;
}

/// How much room the text of a record takes at most.
std::size_t room_for(std::string_view text) {
  return kEscapedBytesMax * std::min(text.size(), kAuditTextBytesMax);
}

bool is_hex(std::string_view text) {
  return text.find_first_not_of(kHexDigits) == std::string_view::npos;
}

/// Takes `name`, as many digits as `size` and `end` off the end of `line`. False: they are not
/// there.
bool take_digits_off(std::string_view& line, std::string_view name, std::size_t size,
                     std::string_view end, std::string_view& digits) {
  const std::size_t whole = name.size() + size + end.size();
  if (line.size() < whole || !line.ends_with(end)) return false;
  const std::string_view part = line.substr(line.size() - whole);
  digits = part.substr(name.size(), size);
  if (!part.starts_with(name) || !is_hex(digits)) return false;
  line.remove_suffix(whole);
  return true;
}

/// Reads the front of a line. False: it has not the form of one.
bool read_front(std::string_view line, ParsedAuditLine& parsed) {
  if (!line.starts_with(kSequence)) return false;
  const char* const first = line.data() + kSequence.size();
  const char* const end = line.data() + line.size();
  const auto [stop, error] = std::from_chars(first, end, parsed.sequence);
  if (error != std::errc() || *first == '0') return false;
  line.remove_prefix(static_cast<std::size_t>(stop - line.data()));
  if (!line.starts_with(kTime)) return false;
  line.remove_prefix(kTime.size());
  parsed.time = line.substr(0, kTimeSize);
  line.remove_prefix(parsed.time.size());
  if (!line.starts_with(kKind)) return false;
  line.remove_prefix(kKind.size());
  parsed.kind = line.substr(0, line.find('"'));
  return parsed.kind == "record" || parsed.kind == "checkpoint" || parsed.kind == "cut";
}

}  // namespace

void AuditHasher::Free::operator()(EVP_MD* algorithm) const noexcept { EVP_MD_free(algorithm); }
void AuditHasher::Free::operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }

AuditHasher::AuditHasher()
    : algorithm_(EVP_MD_fetch(nullptr, "SHA256", nullptr)), context_(EVP_MD_CTX_new()) {
  require(algorithm_ != nullptr && context_ != nullptr &&
          EVP_DigestInit_ex2(context_.get(), algorithm_.get(), nullptr) == 1);
}

AuditHash AuditHasher::hash(std::string_view bytes) {
  std::array<char, kHashBytes> digest;
  // Without the algorithm it takes the one that it has.
  require(EVP_DigestInit_ex2(context_.get(), nullptr, nullptr) == 1 &&
          EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1 &&
          EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(digest.data()),
                             nullptr) == 1);
  AuditHash hash;
  write_hex({digest.data(), digest.size()}, hash.data());
  return hash;
}

void AuditLines::back_to(const AuditHead& head) {
  head_ = head;
  clear();
}

char* AuditLines::begin(std::size_t bytes_max) {
  const std::size_t wanted = size_ + bytes_max;
  if (buffer_.size() < wanted) buffer_.resize(std::max(wanted, 2 * buffer_.size()));
  return buffer_.data() + size_;
}

char* AuditLines::put_time(char* out, Timestamp time) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  if (whole.time_since_epoch().count() != second_) {
    const auto day = std::chrono::floor<std::chrono::days>(whole);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(whole - day);
    char* text = second_text_.data();
    text = put_digits(text, static_cast<unsigned>(static_cast<int>(date.year())), 4);
    *text++ = '-';
    text = put_digits(text, static_cast<unsigned>(date.month()), 2);
    *text++ = '-';
    text = put_digits(text, static_cast<unsigned>(date.day()), 2);
    *text++ = 'T';
    text = put_digits(text, static_cast<unsigned>(clock.hours().count()), 2);
    *text++ = ':';
    text = put_digits(text, static_cast<unsigned>(clock.minutes().count()), 2);
    *text++ = ':';
    text = put_digits(text, static_cast<unsigned>(clock.seconds().count()), 2);
    *text = '.';
    second_ = whole.time_since_epoch().count();
  }
  out = put(out, {second_text_.data(), second_text_.size()});
  out = put_digits(out, static_cast<unsigned>((time - whole).count()), 6);
  *out++ = 'Z';
  return out;
}

char* AuditLines::put_start(char* out, Timestamp time, std::string_view kind) {
  out = put_number(put(out, kSequence), head_.sequence + 1);
  out = put_time(put(out, kTime), time);
  out = put(put(out, kKind), kind);
  *out++ = '"';
  return out;
}

void AuditLines::finish(char* out) {
  head_.hash = hasher_.hash({buffer_.data() + size_, out});
  ++head_.sequence;
  out = put(out, kHash);
  out = put(out, text_of(head_.hash));
  out = put(out, kEnd);
  *out++ = '\n';
  size_ = static_cast<std::size_t>(out - buffer_.data());
}

void AuditLines::record(const AuditRecord& record) {
  char* out = begin(kFixedBytesMax + room_for(record.request_id) + room_for(record.peer) +
                    room_for(record.principal) + room_for(record.action) +
                    room_for(record.secret_name) + room_for(record.result));
  out = put_start(out, record.time, "record");
  out = put_text(out, ",\"request_id\":", record.request_id);
  out = put_text(out, ",\"peer\":", record.peer);
  out = put_text(out, ",\"principal\":", record.principal);
  out = put_text(out, ",\"action\":", record.action);
  out = put_uuid(put(out, ",\"secret_id\":"), record.secret_id);
  out = put_text(out, ",\"secret_name\":", record.secret_name);
  out =
      put_number(put(out, ",\"status\":"), static_cast<std::uint64_t>(std::max(record.status, 0)));
  out = put_text(out, ",\"result\":", record.result);
  out = put(put(out, kPrevious), text_of(head_.hash));
  *out++ = '"';
  finish(out);
}

void AuditLines::checkpoint(Timestamp time, std::string_view reason, const SigningKey& key) {
  char* const start = begin(kFixedBytesMax);
  char* out = put_start(start, time, "checkpoint");
  out = put_text(out, ",\"reason\":", reason);
  out = put_text(out, kKey.substr(0, kKey.size() - 1), key.fingerprint());
  out = put(put(out, kPrevious), text_of(head_.hash));
  *out++ = '"';
  const Signature signature =
      key.sign(std::string(kAuditSignaturePrefix) + std::string(start, out));
  out = put(out, kSignature);
  write_hex({signature.data(), signature.size()}, out);
  out += 2 * signature.size();
  *out++ = '"';
  finish(out);
}

void AuditLines::cut(Timestamp time, std::uint64_t bytes) {
  char* out = put_start(begin(kFixedBytesMax), time, "cut");
  out = put_number(put(out, ",\"bytes\":"), bytes);
  out = put(put(out, kPrevious), text_of(head_.hash));
  *out++ = '"';
  finish(out);
}

std::optional<ParsedAuditLine> parse_audit_line(std::string_view line) {
  ParsedAuditLine parsed;
  if (!read_front(line, parsed)) return std::nullopt;
  std::string_view rest = line;
  if (!take_digits_off(rest, kHash, kAuditHashDigits, kEnd, parsed.hash)) return std::nullopt;
  parsed.hashed = rest;
  if (parsed.is_checkpoint()) {
    std::string_view digits;
    if (!take_digits_off(rest, kSignature, 2 * parsed.signature.size(), "\"", digits))
      return std::nullopt;
    read_hex(digits, parsed.signature.data(), parsed.signature.size());
    parsed.signed_ = rest;
  }
  if (!take_digits_off(rest, kPrevious, kAuditHashDigits, "\"", parsed.previous))
    return std::nullopt;
  if (!parsed.is_checkpoint()) return parsed;
  if (!take_digits_off(rest, kKey, kAuditHashDigits, "\"", parsed.key)) return std::nullopt;
  const std::size_t reason = rest.rfind(kReason);
  if (reason == std::string_view::npos || !rest.ends_with('"')) return std::nullopt;
  rest.remove_suffix(1);
  parsed.reason = rest.substr(std::min(reason + kReason.size(), rest.size()));
  return parsed;
}

std::optional<ParsedAuditLine> parse_good_audit_line(std::string_view line, AuditHasher& hasher) {
  auto parsed = parse_audit_line(line);
  if (parsed && text_of(hasher.hash(parsed->hashed)) != parsed->hash) parsed.reset();
  return parsed;
}

bool is_signed_by(const ParsedAuditLine& checkpoint, const PublicKey& key) {
  return key.verifies(std::string(kAuditSignaturePrefix) + std::string(checkpoint.signed_),
                      checkpoint.signature);
}

}  // namespace kist::core
