// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fstream>
#include <map>
#include <stdexcept>
#include <string>

#include "sealing_samples.hpp"

namespace kist::core::testing {

/// The worked example of docs/internals/envelope.md, from the document itself: the bytes by the
/// name that stands before them. Lines without a name go on with the last.
class EnvelopeVector {
 public:
  EnvelopeVector() {
    std::ifstream document(KIST_TEST_ENVELOPE_DOCUMENT);
    std::string line, name;
    while (std::getline(document, line) && line != "```vector") continue;
    while (std::getline(document, line) && line != "```") {
      const auto digits = line.rfind(' ') + 1;
      const auto end_of_name = line.find("  ");
      if (end_of_name != 0) name = line.substr(0, end_of_name);
      parts_[name] += from_hex(std::string_view(line).substr(digits));
    }
    if (parts_.empty()) throw std::runtime_error(KIST_TEST_ENVELOPE_DOCUMENT ": no vector");
  }

  const std::string& operator[](const std::string& name) const { return parts_.at(name); }
  Uuid id(const std::string& name) const {
    Uuid id;
    parts_.at(name).copy(reinterpret_cast<char*>(id.bytes.data()), id.bytes.size());
    return id;
  }

 private:
  std::map<std::string, std::string> parts_;
};

}  // namespace kist::core::testing
