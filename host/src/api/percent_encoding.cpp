// SPDX-License-Identifier: Apache-2.0
#include "api/percent_encoding.hpp"

#include <cstddef>

#include "text/hex.hpp"

namespace kist::api {

bool percent_decode(std::string_view text, Plus plus, std::string& out) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (!core::read_hex(text.substr(i + 1, 2), &c, 1)) return false;
      i += 2;
    } else if (c == '+' && plus == Plus::space) {
      c = ' ';
    }
    out += c;
  }
  return true;
}

}  // namespace kist::api
