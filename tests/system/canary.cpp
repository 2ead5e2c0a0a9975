// SPDX-License-Identifier: Apache-2.0
#include "canary.hpp"

#include <algorithm>
#include <cstring>
#include <random>

namespace kist::testing {
namespace {

constexpr std::size_t kWordBytes = sizeof(std::uint64_t);
constexpr unsigned kSlotBits = 20;

constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

std::string hex_of(std::string_view bytes, std::string_view digits) {
  std::string text;
  for (const char byte : bytes) {
    text += digits[static_cast<unsigned char>(byte) >> 4];
    text += digits[static_cast<unsigned char>(byte) & 15];
  }
  return text;
}

/// What base64 shows of `bytes` wherever they stand: without the characters at the edges, which
/// depend on neighbours too. `before` bytes of a group of three stand before them.
std::string base64_of(std::string_view bytes, std::size_t before) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  unsigned bits = 0, count = 0;
  if (before > 0) {
    bytes.remove_prefix(3 - before);  // To the next group.
  }
  for (const char byte : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(byte);
    for (count += 8; count >= 6; count -= 6) text += alphabet[bits >> (count - 6) & 63];
  }
  return text;
}

std::string utf16_of(std::string_view bytes, bool big_endian) {
  std::string text;
  for (const char byte : bytes) {
    if (big_endian) text += '\0';
    text += byte;
    if (!big_endian) text += '\0';
  }
  return text;
}

std::uint64_t word_at(std::string_view bytes, std::size_t offset) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes.data() + offset, kWordBytes);
  return word;
}

}  // namespace

/// SplitMix64, so that no generator's state stays behind.
void write_canary(std::uint64_t seed, char* memory, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    std::uint64_t mixed = (seed * 1000 + i + 1) * 0x9E3779B97F4A7C15;
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9;
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB;
    memory[i] = kBase32[(mixed ^ mixed >> 31) % kBase32.size()];
  }
}

Canary new_canary(std::string kind, std::size_t size) {
  std::random_device random;
  Canary canary{std::move(kind), std::string(size, '\0')};
  for (char& letter : canary.bytes) letter = kBase32[random() % kBase32.size()];
  return canary;
}

CanarySearch::CanarySearch() : slots_(std::size_t{1} << kSlotBits) {}

void CanarySearch::add(const Canary& canary) {
  const std::string& bytes = canary.bytes;
  const std::string backwards(bytes.rbegin(), bytes.rend());
  add_form(canary.kind, "plain", bytes);
  for (const auto& [name, digits] :
       {std::pair{"hex", "0123456789abcdef"}, std::pair{"HEX", "0123456789ABCDEF"}}) {
    add_form(canary.kind, name, hex_of(bytes, digits));
    add_form(canary.kind, std::string(name) + " backwards", hex_of(backwards, digits));
  }
  for (std::size_t before = 0; before < 3; ++before)
    add_form(canary.kind, "base64", base64_of(bytes, before));
  add_form(canary.kind, "UTF-16LE", utf16_of(bytes, false));
  add_form(canary.kind, "UTF-16BE", utf16_of(bytes, true));
}

void CanarySearch::add_form(const std::string& kind, const std::string& name, std::string bytes) {
  for (std::size_t i = 0; i + kWordBytes <= bytes.size(); ++i) {
    const Word word = word_at(bytes, i);
    positions_.emplace(word, Position{forms_.size(), i});
    slots_[slot_of(word)] = true;
  }
  forms_.push_back({kind, name, std::move(bytes)});
}

std::size_t CanarySearch::slot_of(Word word) {
  return static_cast<std::size_t>(word * 0x9E3779B97F4A7C15 >> (64 - kSlotBits));
}

bool CanarySearch::is_piece(std::string_view bytes, std::size_t at, Position position) const {
  const std::string& form = forms_[position.form].bytes;
  std::size_t begin = at, end = at + kWordBytes;
  for (std::size_t i = position.offset; i > 0 && begin > 0 && bytes[begin - 1] == form[i - 1]; --i)
    --begin;
  for (std::size_t i = position.offset + kWordBytes;
       i < form.size() && end < bytes.size() && bytes[end] == form[i]; ++i)
    ++end;
  return end - begin >= kPieceBytesMin;
}

std::vector<CanarySearch::Hit> CanarySearch::search(std::string_view bytes) const {
  // Of every twelve bytes in a row, one of these looks sees eight.
  constexpr std::size_t step = kPieceBytesMin - kWordBytes + 1;
  std::vector<Hit> hits;
  std::set<std::string_view> found;
  for (std::size_t at = 0; at + kWordBytes <= bytes.size(); at += step) {
    const Word word = word_at(bytes, at);
    if (!slots_[slot_of(word)]) continue;
    const auto [begin, end] = positions_.equal_range(word);
    for (auto entry = begin; entry != end; ++entry) {
      const Form& form = forms_[entry->second.form];
      if (!is_piece(bytes, at, entry->second) || !found.insert(form.kind).second) continue;
      hits.push_back({form.kind, form.name, at});
    }
  }
  return hits;
}

}  // namespace kist::testing
