// SPDX-License-Identifier: Apache-2.0
#include "config/interpolation.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <kist/error.hpp>

#include "config/plain_text.hpp"
#include "text/printable.hpp"
#include "text/suggestion.hpp"

namespace kist::core {
namespace {

constexpr std::array<std::string_view, 2> kSchemes = {"env", "file"};

[[noreturn]] void refuse(const std::string& message) {
  throw Error(ErrorCode::invalid_argument, message);
}

SecretValue variable(std::string_view name, const InterpolationSources& sources) {
  const SecretValue* const found = sources.environment.find_secret(name);
  if (found == nullptr) {
    refuse("${env:…} names the environment variable " + in_quotes(name) + ", which is not set");
  }
  return found->clone();
}

SecretValue file_content(std::string_view name, const InterpolationSources& sources) {
  const SecretValue content =
      sources.read_file(sources.directory / std::filesystem::path(name), kInterpolatedBytesMax);
  std::string_view text = content.reveal();
  if (text.ends_with("\r\n"))
    text.remove_suffix(2);
  else if (text.ends_with('\n'))
    text.remove_suffix(1);
  return SecretValue(text);
}

SecretValue resolve(std::string_view reference, const InterpolationSources& sources) {
  const std::size_t colon = reference.find(':');
  const std::string_view scheme = reference.substr(0, colon);
  if (colon == std::string_view::npos) {
    refuse("a reference is written ${env:NAME} or ${file:PATH}, and a plain '${' as '$${'");
  }
  const std::string_view name = reference.substr(colon + 1);
  // Not quoted: the '${' may be part of a password whose owner never heard of references.
  const bool known = std::find(kSchemes.begin(), kSchemes.end(), scheme) != kSchemes.end();
  if (!known) refuse("unknown kind of reference in '${…}'" + allowed_words(scheme, kSchemes));
  if (name.empty()) refuse("the reference ${" + std::string(scheme) + ":} names nothing");
  if (!is_plain_text(name)) {
    refuse("the name in ${" + std::string(scheme) + ":…} must be UTF-8 without control characters");
  }
  return scheme == "env" ? variable(name, sources) : file_content(name, sources);
}

SecretValue concatenate(const std::vector<SecretValue>& pieces) {
  detail::SecretBuffer whole;
  for (const SecretValue& piece : pieces) whole.append(piece.reveal());
  return SecretValue(std::move(whole));
}

}  // namespace

InterpolatedText interpolate(std::string_view text, const InterpolationSources& sources) {
  std::vector<SecretValue> pieces;
  std::string references;
  std::size_t size = 0;
  const auto add = [&](SecretValue piece) {
    size += piece.size();
    if (size > kInterpolatedBytesMax) {
      refuse("the text is longer than " + std::to_string(kInterpolatedBytesMax) +
             " bytes once its references are resolved");
    }
    pieces.push_back(std::move(piece));
  };
  for (std::size_t at = text.find("${"); at != std::string_view::npos; at = text.find("${")) {
    if (at > 0 && text[at - 1] == '$') {
      add(SecretValue(text.substr(0, at - 1)));
      add(SecretValue("${"));
      text.remove_prefix(at + 2);
      continue;
    }
    const std::size_t end = text.find('}', at);
    if (end == std::string_view::npos) refuse("'${' is not closed; a plain '${' is written '$${'");
    const std::string_view reference = text.substr(at + 2, end - at - 2);
    add(SecretValue(text.substr(0, at)));
    add(resolve(reference, sources));
    if (!references.empty()) references += ", ";
    references += "${" + std::string(reference) + "}";
    text.remove_prefix(end + 1);
  }
  add(SecretValue(text));
  return {concatenate(pieces), std::move(references)};
}

}  // namespace kist::core
