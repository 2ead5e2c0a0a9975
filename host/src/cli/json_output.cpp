// SPDX-License-Identifier: Apache-2.0
#include "cli/json_output.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

#include <boost/json/serialize.hpp>
#include <openssl/evp.h>

#include <kist/secret_value.hpp>

#include "cli/standard_streams.hpp"
#include "text/printable.hpp"

namespace kist::cli {
namespace {

std::string base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // EVP_EncodeBlock() ends it with a NUL.
  const int size = ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                     reinterpret_cast<const unsigned char*>(bytes.data()),
                                     static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

/// The code point of DEL, of C1 and of the line and paragraph separators; 0 for all else. JSON lets
/// them stand as they are, and terminals obey some of them.
unsigned unsafe_code_point(std::string_view sequence) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(sequence[i]); };
  if (byte(0) == 0x7F) return 0x7F;
  if (sequence.size() == 2 && byte(0) == 0xC2 && byte(1) < 0xA0) return byte(1);
  if (sequence == "\u2028") return 0x2028;
  if (sequence == "\u2029") return 0x2029;
  return 0;
}

}  // namespace

boost::json::value json_bytes(std::string_view bytes) {
  if (core::is_utf8(bytes)) return boost::json::value(bytes);
  return {{"base64", base64(bytes)}};
}

boost::json::value json_text(std::string_view text) {
  if (core::is_utf8(text)) return boost::json::value(text);
  return boost::json::value(core::printable(text, 4 * text.size()));
}

std::string json_line(const boost::json::value& document) {
  std::string plain = boost::json::serialize(document);
  std::string line;
  line.reserve(plain.size() + 64);
  for (std::string_view rest = plain; !rest.empty();) {
    const std::size_t size = std::max<std::size_t>(core::utf8_sequence_size(rest), 1);
    const unsigned point = unsafe_code_point(rest.substr(0, size));
    if (point == 0) {
      line += rest.substr(0, size);
    } else {
      constexpr char digits[] = "0123456789abcdef";
      line += "\\u";
      for (int shift = 12; shift >= 0; shift -= 4) line += digits[point >> shift & 15];
    }
    rest.remove_prefix(size);
  }
  wipe(plain.data(), plain.size());
  return line + "\n";
}

void write_json(const boost::json::value& document) {
  std::string line = json_line(document);
  write_output(line);
  wipe(line.data(), line.size());
}

}  // namespace kist::cli
