// SPDX-License-Identifier: Apache-2.0
// AT-35: the compiler keeps secrets out of logs, texts, comparisons and copies. Each mistake is
// tried on each type that holds values, KIST_TYPE. One case at a time.

#include <functional>
#include <iostream>
#include <string>
#include <string_view>
#include <type_traits>

#if defined(KIST_CASE_to_json)
#include <boost/json/value_from.hpp>
#endif

#include <kist/models.hpp>

#if !defined(KIST_TYPE)
#define KIST_TYPE kist::SecretValue
#endif
using Type = KIST_TYPE;

int main() {
  Type one{}, two{};
#if defined(KIST_CASE_control)
  static_assert(std::is_same_v<Type, kist::SecretView> || !std::is_copy_constructible_v<Type>);
  const Type moved = std::move(one);
  kist::Secret secret;
  secret.values.set("key", "value");
  std::cout << secret.values.find("key")->reveal() << kist::SecretValue("v").view().size();
#elif defined(KIST_CASE_print)
  std::cout << one;
#elif defined(KIST_CASE_compare)
  return one == two;
#elif defined(KIST_CASE_sort)
  return std::less<>()(one, two);
#elif defined(KIST_CASE_hash)
  return static_cast<int>(std::hash<Type>()(one));
#elif defined(KIST_CASE_copy)
  const Type copy = one;
#elif defined(KIST_CASE_assign)
  one = two;
#elif defined(KIST_CASE_to_string)
  const std::string text(one);
#elif defined(KIST_CASE_to_view)
  const std::string_view text = one;
#elif defined(KIST_CASE_to_json)
  const auto json = boost::json::value_from(one);
#elif defined(KIST_CASE_to_bool)
  return one ? 1 : 0;
#endif
}
