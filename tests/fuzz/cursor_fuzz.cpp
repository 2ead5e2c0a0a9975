// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>

#include <kist/error.hpp>

#include "secrets/cursor.hpp"
#include "secrets/list_order.hpp"

namespace {

using namespace kist::core;

const CursorKey kKey{4, 2};

/// Nobody makes a cursor without the key: what the fuzzer finds is refused in one wording.
void check_forged(ListRequest request, std::string cursor) {
  request.cursor = std::move(cursor);
  try {
    read_cursor(kKey, kist::Uuid{}, request);
  } catch (const kist::Error& refusal) {
    if (refusal.code == kist::ErrorCode::invalid_argument) return;
  }
  std::abort();
}

/// Any name that a row may have comes back from its cursor.
void check_made(ListRequest request, const std::string& name) {
  kist::SecretMetadata row;
  row.name = name;
  row.id.bytes[3] = static_cast<std::uint8_t>(name.size());
  const std::string cursor = make_cursor(kKey, kist::Uuid{}, request, row);
  request.cursor = cursor;
  const kist::SecretMetadata place = read_cursor(kKey, kist::Uuid{}, request);
  if (place.id != row.id || comes_before(request.sort, false, place, row) ||
      comes_before(request.sort, false, row, place))
    std::abort();
  if (name.size() < cursor.size()) {
    std::string forged = cursor;
    forged[name.size()] = forged[name.size()] == 'A' ? 'B' : 'A';
    check_forged(request, forged);
  }
}

}  // namespace

/// The first byte chooses the order of the list; the rest is a cursor, and a name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  ListRequest request;
  request.sort = static_cast<kist::Field>(1 + data[0] % 8);
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  check_forged(request, text);
  check_made(request, text.substr(0, 1020));
  return 0;
}
