// SPDX-License-Identifier: Apache-2.0
#include "import/value_map.hpp"

#include <cstddef>
#include <utility>

#include <kist/error.hpp>
#include <kist/secret_value.hpp>

#include "text/json_events.hpp"

namespace kist::core {
namespace {

constexpr std::size_t kMaxDepth = 32;

[[noreturn]] void refuse_document() {
  throw Error(ErrorCode::corrupt, "its values are no JSON object");
}

[[noreturn]] void refuse_kind() {
  throw Error(ErrorCode::invalid_argument, "one of its values is no string");
}

/// Takes the members of the one object.
class MapBuilder final : public JsonEvents {
 public:
  void object_begin() override {
    if (is_open_) refuse_kind();
    is_open_ = true;
  }
  void object_end() override {}
  void array_begin() override { refuse(); }
  void array_end() override {}
  void scalar(JsonScalar /*kind*/) override { refuse(); }

  void key(std::string_view text) override {
    key_.truncate(0);
    key_.append(text);
  }
  void text(std::string_view value) override {
    if (!is_open_) refuse_document();
    add({key_.data(), key_.size()}, value);
  }

  SecretValues take(const Limits& limits) {
    check_size(keys_, bytes_, limits);
    for (const SecretValues::Entry entry : values_) check_key(entry.key);
    return std::move(values_);
  }

 private:
  [[noreturn]] void refuse() const {
    if (!is_open_) refuse_document();
    refuse_kind();
  }

  /// Counts all, and keeps what may pass the limits: each key is inserted in its order, which is no
  /// way to go through millions.
  void add(std::string_view key, std::string_view value) {
    ++keys_;
    bytes_ += key.size() + value.size();
    if (keys_ > kMaxKeys || bytes_ > kMaxSecretBytes) return;
    if (values_.find(key))
      throw Error(ErrorCode::invalid_argument, "one of its keys stands there twice");
    values_.set(key, value);
  }

  SecretValues values_;
  std::size_t keys_ = 0, bytes_ = 0;
  detail::SecretBuffer key_;
  bool is_open_ = false;
};

}  // namespace

SecretValues parse_value_map(std::string_view json, const Limits& limits) {
  MapBuilder map;
  if (read_json(json, kMaxDepth, map) != JsonFault::none) refuse_document();
  return map.take(limits);
}

}  // namespace kist::core
