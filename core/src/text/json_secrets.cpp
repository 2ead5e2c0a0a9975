// SPDX-License-Identifier: Apache-2.0
#include "text/json_secrets.hpp"

#include <cstddef>

#include <boost/json/serializer.hpp>

#include "text/base64.hpp"
#include "text/printable.hpp"

namespace kist::core {

void set_bytes(boost::json::value& place, std::string_view bytes) {
  if (is_utf8(bytes)) {
    place.emplace_string().assign(bytes);
    return;
  }
  boost::json::string& text = place.emplace_object()["base64"].emplace_string();
  text.resize(base64_size(bytes.size()));  // The NUL behind it is there.
  write_base64(bytes, text.data());
}

detail::SecretBuffer json_in_wiped_memory(const boost::json::value& document) {
  constexpr std::size_t chunk_bytes = 4096;
  detail::SecretBuffer text;
  boost::json::serializer serializer;
  serializer.reset(&document);
  while (!serializer.done()) {
    const std::size_t size = text.size();
    const std::size_t count = serializer.read(text.extend(chunk_bytes), chunk_bytes).size();
    text.truncate(size + count);
  }
  return text;
}

}  // namespace kist::core
