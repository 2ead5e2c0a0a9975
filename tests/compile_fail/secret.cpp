// SPDX-License-Identifier: Apache-2.0
// AT-35: the compiler keeps secrets out of logs, comparisons and copies. One case at a time.

#include <iostream>
#include <string>

#include <kist/models.hpp>

int main() {
  kist::SecretValue value("v");
  kist::SecretValues values;
  kist::Secret secret;
#if defined(KIST_CASE_control)
  std::cout << value.reveal() << values.size() << secret.name;
  const kist::SecretValue moved = std::move(value);
  return moved.view().size() == 1 ? 0 : 1;
#elif defined(KIST_CASE_print_value)
  std::cout << value;
#elif defined(KIST_CASE_print_view)
  std::cout << value.view();
#elif defined(KIST_CASE_compare_value)
  return value == kist::SecretValue("w");
#elif defined(KIST_CASE_compare_view)
  return value.view() == kist::SecretView("w");
#elif defined(KIST_CASE_copy_value)
  const kist::SecretValue copy = value;
#elif defined(KIST_CASE_copy_values)
  const kist::SecretValues copy = values;
#elif defined(KIST_CASE_copy_secret)
  const kist::Secret copy = secret;
#elif defined(KIST_CASE_to_string)
  const std::string text = value;
#endif
}
