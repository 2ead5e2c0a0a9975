// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/request_reader.hpp"

namespace {

using namespace kist::http;
using State = RequestReader::State;

void check(bool holds) {
  if (!holds) std::abort();
}

/// What became of the bytes, in one text that two ways of feeding them must give alike.
std::string outcome(std::string_view bytes, std::size_t piece) {
  kist::core::HttpLimits limits;
  limits.header_bytes = 1024;
  limits.url_bytes = 256;
  limits.header_count = 20;
  limits.body_bytes = 512;
  RequestReader reader(limits);
  std::string text;
  while (!bytes.empty()) {
    const std::size_t taken = reader.feed(bytes.substr(0, piece));
    check(taken <= bytes.size());
    bytes.remove_prefix(taken);
    if (reader.state() == State::wants_continue) {
      reader.continued();
      continue;
    }
    if (reader.state() == State::refused) {
      check(reader.refusal().status >= 400 && !reader.keeps_alive());
      return text + "refused " + std::to_string(reader.refusal().status);
    }
    if (reader.state() != State::complete) {
      check(taken > 0);
      continue;
    }
    const Request& request = reader.request();
    check(request.path.starts_with('/') && request.path.find('\n') == std::string::npos);
    check(request.path.size() <= 256 && request.body.size() <= 512);
    text += request.method_text + " " + request.path + "?" + request.query + "\n" +
            std::string(request.authorization.reveal()) + "\n" +
            std::string(request.body.reveal()) + "\n";
    if (!reader.keeps_alive()) return text + "closed";
    reader.reset();
  }
  return text;
}

/// The requests that were read are the same. Where the bytes end in the middle of a body, what is
/// wrong with it may be seen in one way of feeding them, and with the next bytes in the other; and
/// Beast 1.81 counts a chunk size again for each piece of an extension that has no end.
bool agree(std::string_view whole, std::string_view pieces) {
  const auto without_refusal = [](std::string_view text) {
    return text.substr(0, text.rfind("refused "));
  };
  return whole == pieces || without_refusal(whole) == without_refusal(pieces);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string whole = outcome(bytes, SIZE_MAX);
  check(agree(whole, outcome(bytes, 1)));
  check(agree(whole, outcome(bytes, 5)));
  return 0;
}
