// SPDX-License-Identifier: Apache-2.0
#include "values_blob.hpp"

#include <cstdint>
#include <cstring>
#include <utility>

namespace kist::sqlite {

namespace {

constexpr char kVersion = 1;
constexpr std::size_t kHeaderSize = 1 + 4;
constexpr std::size_t kEntrySize = 4 + 4;

char* put_size(char* out, std::size_t size) {
  for (int shift = 0; shift < 32; shift += 8) *out++ = static_cast<char>(size >> shift & 0xff);
  return out;
}

char* put_bytes(char* out, std::string_view bytes) {
  if (!bytes.empty()) std::memcpy(out, bytes.data(), bytes.size());
  return out + bytes.size();
}

/// Takes bytes from the front of a text, as long as there are enough.
class Reader {
 public:
  explicit Reader(std::string_view rest) : rest_(rest) {}
  std::size_t left() const { return rest_.size(); }

  bool take_bytes(std::size_t count, std::string_view& bytes) {
    if (rest_.size() < count) return false;
    bytes = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return true;
  }
  bool take_size(std::size_t& size) {
    std::string_view bytes;
    if (!take_bytes(4, bytes)) return false;
    size = 0;
    for (std::size_t i = 4; i-- > 0;) size = size << 8 | static_cast<unsigned char>(bytes[i]);
    return true;
  }

 private:
  std::string_view rest_;
};

}  // namespace

ValuesBlob::ValuesBlob(const SecretValues& values)
    : size_(kHeaderSize + values.size() * kEntrySize + values.byte_count()),
      memory_(std::make_unique<char[]>(size_)) {
  char* out = memory_.get();
  *out++ = kVersion;
  out = put_size(out, values.size());
  for (const auto entry : values) {
    const std::string_view value = entry.value.reveal();
    out = put_size(out, entry.key.size());
    out = put_size(out, value.size());
    out = put_bytes(out, entry.key);
    out = put_bytes(out, value);
  }
}

ValuesBlob::~ValuesBlob() { wipe(memory_.get(), size_); }

std::optional<SecretValues> read_values_blob(std::string_view content) {
  Reader reader(content);
  std::string_view version, key, value, last_key;
  std::size_t count = 0, key_size = 0, value_size = 0;
  if (!reader.take_bytes(1, version) || version[0] != kVersion) return std::nullopt;
  // Bounded before memory is taken for it.
  if (!reader.take_size(count) || count > reader.left() / kEntrySize) return std::nullopt;

  SecretValues values;
  values.reserve(count, reader.left() - count * kEntrySize);
  for (std::size_t i = 0; i < count; ++i) {
    if (!reader.take_size(key_size) || !reader.take_size(value_size) ||
        !reader.take_bytes(key_size, key) || !reader.take_bytes(value_size, value))
      return std::nullopt;
    if (i > 0 && key <= last_key) return std::nullopt;
    values.set(key, value);
    last_key = key;
  }
  if (reader.left() != 0) return std::nullopt;
  return values;
}

}  // namespace kist::sqlite
