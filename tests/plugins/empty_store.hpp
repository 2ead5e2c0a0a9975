// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include <kist/plugin.hpp>

namespace kist::testing {

/// A store that holds nothing, whatever it took: what a test wants of it happens in insert().
template <class Config>
class EmptyStore : public RecordStore<Config> {
 public:
  static constexpr auto TYPE = SecretsStoreType::custom;
  using CONFIG_TYPE = Config;
  static constexpr auto THREADING = Threading::concurrent;

  std::optional<Secret> load(Call&, const Uuid&) override { return {}; }
  WriteResult replace(Call&, const Secret&, std::uint64_t) override { return WriteResult::absent; }
  WriteResult erase(Call&, const Uuid&, std::optional<std::uint64_t>) override {
    return WriteResult::absent;
  }
  void scan(Call&, const std::function<bool(const SecretMetadata&)>&) override {}
};

}  // namespace kist::testing
