// SPDX-License-Identifier: Apache-2.0
#include "audit/audit_line.hpp"

#include <string>
#include <string_view>

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include "../config/temporary_directory.hpp"
#include "audit_sample.hpp"
#include "text/printable.hpp"

using namespace kist::core;
using namespace kist::core::testing;

namespace {

AuditRecord record_of(std::string secret_name) {
  AuditRecord record;
  record.time = sample_time("2026-03-01T12:00:00Z");
  record.request_id = "r";
  record.action = "secret.get";
  record.secret_name = std::move(secret_name);
  record.result = "ok";
  return record;
}

std::string line_of(const AuditRecord& record) {
  AuditLines lines;
  lines.record(record);
  std::string line(lines.text());
  REQUIRE(line.ends_with('\n'));
  line.pop_back();
  return line;
}

/// What a reader of JSON finds as the secret's name.
std::string name_read(const std::string& line) {
  const boost::json::value value = boost::json::parse(line);
  const boost::json::value& name = value.at("secret_name");
  return name.is_null() ? "(null)" : std::string(name.as_string());
}

/// The block of the document that begins with ```KIND.
std::string block_of(std::string_view kind) {
  const std::string document = text_of(KIST_TEST_AUDIT_DOCUMENT);
  const std::string fence = "```" + std::string(kind) + "\n";
  const std::size_t begin = document.find(fence);
  REQUIRE(begin != std::string::npos);
  const std::size_t first = begin + fence.size();
  return document.substr(first, document.find("```", first) - first);
}

bool contains_text(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

TEST_SUITE("core/audit/audit_line") {
  TEST_CASE("the worked example of the document is what the code writes") {
    CHECK(sample_log() == block_of("audit-log"));
    const SigningKey key = SigningKey::parse(kist::SecretView(kSamplePrivateKey), "key");
    CHECK(key.public_key().pem() == block_of("audit-key"));
    CHECK(contains_text(block_of("audit-log"), key.fingerprint()));
  }

  TEST_CASE("no text from outside breaks a line, a terminal or the JSON (AT-42)") {
    struct Case {
      std::string name, written, read;
    };
    const Case cases[] = {
        {"plain", "\"plain\"", "plain"},
        {"", "null", "(null)"},
        {"a\nb", R"("a\u000ab")", "a\nb"},
        {"a\r\n{\"sequence\":1", R"("a\u000d\u000a{\"sequence\":1")", "a\r\n{\"sequence\":1"},
        {"\",\"status\":200,\"x\":\"", R"("\",\"status\":200,\"x\":\"")",
         "\",\"status\":200,\"x\":\""},
        {"\\", R"("\\")", "\\"},
        {"\\u0000", R"("\\u0000")", "\\u0000"},
        {std::string("\0", 1), R"("\u0000")", std::string("\0", 1)},
        {"\x1b[2J", R"("\u001b[2J")", "\x1b[2J"},
        {"\x7f", R"("\u007f")", "\x7f"},
        {"\u009b31m", R"("\u009b31m")", "\u009b31m"},
        {"\u2028\u202e\u2066\u061c", R"("\u2028\u202e\u2066\u061c")", "\u2028\u202e\u2066\u061c"},
        {"pässwörd 鍵 \U0001F511", "\"pässwörd 鍵 \U0001F511\"", "pässwörd 鍵 \U0001F511"},
        {"\xff\xc0\xaf", R"("\\xff\\xc0\\xaf")", "\\xff\\xc0\\xaf"},
        {"\xed\xa0\x80", R"("\\xed\\xa0\\x80")", "\\xed\\xa0\\x80"},
        {"cut \xe9\x8d", R"("cut \\xe9\\x8d")", "cut \\xe9\\x8d"},
    };
    for (const Case& sample : cases) {
      CAPTURE(sample.written);
      const std::string line = line_of(record_of(sample.name));
      CHECK(contains_text(line, ",\"secret_name\":" + sample.written + ","));
      CHECK(name_read(line) == sample.read);
      CHECK(is_printable(line));
      CHECK(parse_audit_line(line));
    }
  }

  TEST_CASE("each member from outside is escaped, and cut where it is endless (AT-42)") {
    const std::string huge(100'000, '\x1b');
    AuditRecord record = record_of(huge);
    record.request_id = record.peer = record.principal = huge;
    const std::string line = line_of(record);
    CHECK(line.size() < kAuditLineBytesMax);
    CHECK(is_printable(line));
    CHECK(parse_audit_line(line));
    CHECK(name_read(line) == huge.substr(0, kAuditTextBytesMax) + "…");
    const std::string longest(kAuditTextBytesMax, 'n');
    CHECK(name_read(line_of(record_of(longest))) == longest);
  }

  TEST_CASE("times are written to the microsecond, whatever came before") {
    AuditLines lines;
    for (const std::string_view text :
         {"2026-03-01T12:00:00.000000Z", "2026-03-01T12:00:00.999999Z",
          "2024-02-29T23:59:59.100000Z", "1969-12-31T23:59:59.000001Z",
          "1970-01-01T00:00:00.000000Z", "9999-12-31T00:00:00.000000Z"}) {
      AuditRecord record = record_of("n");
      record.time = sample_time(text);
      lines.clear();
      lines.record(record);
      CHECK(contains_text(lines.text(), ",\"time\":\"" + std::string(text) + "\","));
    }
  }

  TEST_CASE("each line has the hash of the one before it, and a number behind it") {
    AuditLines lines;
    AuditHead before;
    for (int i = 0; i < 3; ++i) {
      lines.clear();
      lines.record(record_of("n"));
      std::string_view line = lines.text();
      line.remove_suffix(1);
      const auto parsed = parse_audit_line(line);
      REQUIRE(parsed);
      CHECK(parsed->sequence == before.sequence + 1);
      CHECK(parsed->previous == text_of(before.hash));
      CHECK(parsed->hash == text_of(lines.head().hash));
      CHECK(parsed->hash == text_of(AuditHasher().hash(parsed->hashed)));
      before = lines.head();
    }
    lines.record(record_of("forgotten"));
    lines.back_to(before);
    CHECK(lines.text().empty());
    CHECK(lines.head() == before);
  }

  TEST_CASE("a line that lacks anything is none") {
    const std::string line = line_of(record_of("n"));
    REQUIRE(parse_audit_line(line));
    for (std::size_t size = 0; size < line.size(); ++size) {
      CHECK(!parse_audit_line(std::string_view(line).substr(0, size)));
      if (size > 0) CHECK(!parse_audit_line(std::string_view(line).substr(size)));
    }
    CHECK(!parse_audit_line(line + " "));
    std::string leading_zero = line;
    leading_zero.insert(std::string_view("{\"sequence\":").size(), "0");
    CHECK(!parse_audit_line(leading_zero));
  }

  TEST_CASE("a checkpoint is signed by its key, over all that stands before the signature") {
    const SigningKey key = SigningKey::make(), other = SigningKey::make();
    AuditLines lines;
    lines.record(record_of("n"));
    lines.clear();
    lines.checkpoint(sample_time("2026-03-01T12:00:00Z"), "time", key);
    std::string text(lines.text());
    text.pop_back();
    const auto parsed = parse_audit_line(text);
    REQUIRE(parsed);
    CHECK(parsed->key == key.fingerprint());
    CHECK(is_signed_by(*parsed, key.public_key()));
    CHECK(!is_signed_by(*parsed, other.public_key()));
    for (const char* const part : {"2026-03-01", "\"sequence\":2", "\"time\",\"key\""}) {
      std::string altered = text;
      altered[altered.find(part) + 1] ^= 1;
      const auto other_line = parse_audit_line(altered);
      if (other_line) CHECK(!is_signed_by(*other_line, key.public_key()));
    }
  }
}
