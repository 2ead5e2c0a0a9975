// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <kist/error.hpp>

#include "secrets/invalid_parameter.hpp"
#include "secrets/list_order.hpp"
#include "secrets/list_request.hpp"
#include "secrets/validation.hpp"
#include "text/printable.hpp"

namespace {

using namespace kist::core;

/// One parameter a line, "name=value".
std::vector<ListParameter> parameters_in(std::string_view text) {
  std::vector<ListParameter> parameters;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() < text.size() ? line.size() + 1 : line.size());
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    parameters.push_back(
        {std::string(line.substr(0, equals)), std::string(line.substr(equals + 1))});
  }
  return parameters;
}

void check(bool holds) {
  if (!holds) std::abort();
}

void check_list(std::string_view text) {
  try {
    const ListRequest request = parse_list_request(parameters_in(text));
    check(request.size >= 1 && request.size <= kMaxPageSize);
    check(request.offset() / request.size == request.page - 1);
    kist::ListQuery query;
    query.conditions = request.conditions;
    query.match_any = request.match_any;
    kist::SecretMetadata row;
    row.name = text.substr(0, 8);
    matches(query, row);
  } catch (const InvalidParameter& refusal) {
    check(refusal.code == kist::ErrorCode::invalid_argument && !refusal.field.field.empty());
    check(printable(refusal.message(), refusal.message().size()) == refusal.message());
  }
}

void check_name(std::string_view text) {
  try {
    const ValidatedName name(text);
    check(name.text() == text && text.size() <= kMaxNameBytes && is_utf8(text));
    // Marks of writing direction may stand in a name, and are shown as what they are.
    check(is_printable(printable(text, 8 * kMaxNameBytes)));
  } catch (const kist::Error& refusal) {
    check(refusal.code == kist::ErrorCode::invalid_argument);
    check(printable(refusal.message(), refusal.message().size()) == refusal.message());
  }
}

}  // namespace

/// Any parameters are a list that can be answered, or are refused with one printable sentence; and
/// so is any name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_list(text);
  check_name(text);
  return 0;
}
