// SPDX-License-Identifier: Apache-2.0
// AT-35: nothing that holds values is taken for a line of the log, neither as a field nor as the
// message. Each mistake is tried on each such type, KIST_TYPE. One case at a time.

#include "log/log.hpp"

#include <utility>

#include <kist/models.hpp>

#if !defined(KIST_TYPE)
#define KIST_TYPE kist::SecretValue
#endif

void write(kist::log::Log& log, KIST_TYPE secret) {
  static_cast<void>(secret);
#if defined(KIST_CASE_control)
  log.info("m", {{"text", "t"}, {"number", 7}, {"switch", true}, {"share", 0.5}});
#elif defined(KIST_CASE_field)
  log.info("m", {{"secret", secret}});
#elif defined(KIST_CASE_moved_field)
  log.info("m", {{"secret", std::move(secret)}});
#elif defined(KIST_CASE_name)
  log.info("m", {{secret, 7}});
#elif defined(KIST_CASE_message)
  log.info(secret);
#endif
}

int main() {}
