// SPDX-License-Identifier: Apache-2.0
#include "cli/masker.hpp"

#include <algorithm>
#include <utility>

namespace kist::cli {
namespace {

std::string_view without_line_ends(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

}  // namespace

bool MaskedValues::add(std::string_view value) {
  value = without_line_ends(value);
  if (value.size() < kMaskedBytesMin) return false;
  Pattern pattern{SecretValue(value), {}};
  pattern.fallback.resize(value.size());
  for (std::size_t i = 1, size = 0; i < value.size(); ++i) {
    while (size > 0 && value[i] != value[size]) size = pattern.fallback[size - 1];
    if (value[i] == value[size]) ++size;
    pattern.fallback[i] = static_cast<std::uint32_t>(size);
  }
  starting_[static_cast<unsigned char>(value[0])].push_back(patterns_.size());
  patterns_.push_back(std::move(pattern));
  return true;
}

Masker::Masker(const MaskedValues& values) : values_(values), matched_(values.patterns_.size()) {}

void Masker::advance(std::size_t pattern, char byte, Step& step) {
  const auto& [bytes, fallback] = values_.patterns_[pattern];
  const std::string_view text = bytes.reveal();
  std::uint32_t size = matched_[pattern];
  while (size > 0 && text[size] != byte) size = fallback[size - 1];
  if (text[size] == byte) ++size;
  if (size == text.size()) {
    step.ended = std::max<std::size_t>(step.ended, size);
    size = fallback[size - 1];
  }
  matched_[pattern] = size;
  step.begun = std::max<std::size_t>(step.begun, size);
}

Masker::Step Masker::advance(unsigned char byte) {
  Step step;
  const std::size_t before = active_.size();
  for (const std::size_t pattern : values_.starting_[byte]) {
    if (matched_[pattern] == 0) active_.push_back(pattern);
  }
  for (std::size_t i = 0; i < before; ++i) advance(active_[i], static_cast<char>(byte), step);
  for (std::size_t i = before; i < active_.size(); ++i)
    advance(active_[i], static_cast<char>(byte), step);
  std::erase_if(active_, [&](std::size_t pattern) { return matched_[pattern] == 0; });
  return step;
}

void Masker::feed(std::string_view text, detail::SecretBuffer& out) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (active_.empty() && values_.starting_[byte].empty()) {  // Nothing is kept back.
      out.append(text.substr(i, 1));
      in_mask_ = false;
      continue;
    }
    const Step step = advance(byte);
    kept_.append(text.substr(i, 1));
    covered_.push_back(false);
    std::fill(covered_.end() - static_cast<std::ptrdiff_t>(step.ended), covered_.end(), true);
    show(kept_.size() - step.begun, out);
  }
}

void Masker::finish(detail::SecretBuffer& out) {
  show(kept_.size(), out);
  active_.clear();
  std::ranges::fill(matched_, 0u);
}

void Masker::show(std::size_t end, detail::SecretBuffer& out) {
  for (; shown_ < end; ++shown_) {
    if (!covered_[shown_])
      out.append({kept_.data() + shown_, 1});
    else if (!in_mask_)
      out.append(kMask);
    in_mask_ = covered_[shown_];
  }
  if (shown_ <= kept_.size() / 2) return;  // So that each byte is moved once, on average.
  std::copy(kept_.data() + shown_, kept_.data() + kept_.size(), kept_.data());
  kept_.truncate(kept_.size() - shown_);
  covered_.erase(covered_.begin(), covered_.begin() + static_cast<std::ptrdiff_t>(shown_));
  shown_ = 0;
}

}  // namespace kist::cli
