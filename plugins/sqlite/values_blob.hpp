// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include <kist/plugin.hpp>

namespace kist::sqlite {

/// The values of one secret as they stand in the column `content`, wiped when freed.
///
///   version  1 byte, 1
///   count    4 bytes
///   count ×  key size 4 bytes, value size 4 bytes, key, value
///
/// Integers are little-endian; keys ascend strictly by their bytes; nothing follows. One blob and
/// not a row for each key: a get is one step, and a blob that lost a part shows it (ST-5).
class ValuesBlob {
 public:
  explicit ValuesBlob(const SecretValues& values);
  ValuesBlob(const ValuesBlob&) = delete;
  ValuesBlob& operator=(const ValuesBlob&) = delete;
  ~ValuesBlob();

  std::string_view reveal() const noexcept { return {memory_.get(), size_}; }

 private:
  std::size_t size_;
  std::unique_ptr<char[]> memory_;
};

/// Reads what ValuesBlob wrote; nothing if it is anything else.
std::optional<SecretValues> read_values_blob(std::string_view content);

}  // namespace kist::sqlite
