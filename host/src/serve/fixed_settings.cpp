// SPDX-License-Identifier: Apache-2.0
#include "serve/fixed_settings.hpp"

#include <iterator>

#include "audit/audit_place.hpp"

namespace kist::serve {
namespace {

struct FixedSetting {
  std::string_view key;
  std::string (*text)(const core::Configuration&);  ///< To be compared, and shown to nobody.
};

std::string listen_text(const core::Configuration& configuration) {
  std::string text;
  for (const std::string& address : configuration.http.listen) text += address + "\n";
  return text;
}

std::string threads_text(const core::Configuration& configuration) {
  const auto& threads = configuration.http.threads;
  return threads ? std::to_string(*threads) : "";
}

std::string audit_file_text(const core::Configuration& configuration) {
  const auto& file = configuration.audit.file;
  return file ? file->native() : "";
}

std::string signing_key_text(const core::Configuration& configuration) {
  const core::AuditSettings& audit = configuration.audit;
  return audit.signing_key ? core::audit_public_key(audit, {}).fingerprint() : "";
}

constexpr FixedSetting kFixedSettings[] = {
    {"http.listen", listen_text},
    {"http.threads", threads_text},
    {"http.limits.requests_in_flight",
     [](const auto& now) { return std::to_string(now.http.limits.requests_in_flight); }},
    {"http.limits.store_threads",
     [](const auto& now) { return std::to_string(now.http.limits.store_threads); }},
    {"audit.enabled", [](const auto& now) { return std::to_string(int{now.audit.enabled}); }},
    {"audit.file", audit_file_text},
    {"audit.signing_key", signing_key_text},
    {"audit.rotate_bytes", [](const auto& now) { return std::to_string(now.audit.rotate_bytes); }},
    {"audit.deadline_ms",
     [](const auto& now) { return std::to_string(now.audit.deadline.count()); }},
    {"log.format", [](const auto& now) { return now.log.format; }}};

}  // namespace

FixedSettings::FixedSettings(const core::Configuration& started_with) {
  for (const FixedSetting& setting : kFixedSettings) texts_.push_back(setting.text(started_with));
}

std::vector<std::string_view> FixedSettings::waiting(const core::Configuration& now) const {
  std::vector<std::string_view> keys;
  for (std::size_t i = 0; i < std::size(kFixedSettings); ++i) {
    if (kFixedSettings[i].text(now) != texts_[i]) keys.push_back(kFixedSettings[i].key);
  }
  return keys;
}

}  // namespace kist::serve
