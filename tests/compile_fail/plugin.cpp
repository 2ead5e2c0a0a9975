// SPDX-License-Identifier: Apache-2.0
// Mistakes of a plugin's author that the compiler names. One case at a time.

#include <vector>

#include <kist/plugin.hpp>

struct Config : kist::SecretsStoreConfiguration {
#if defined(KIST_CASE_wrong_member_type)
  std::vector<int> root;
#else
  std::string root;
#endif
#if defined(KIST_CASE_bad_option_name)
  static constexpr auto fields =
      kist::fields(kist::field<&Config::root>("Root-Dir", "A directory."));
#else
  static constexpr auto fields = kist::fields(kist::field<&Config::root>("root", "A directory."));
#endif
};

class Store final : public kist::RecordStore<Config> {
 public:
#if defined(KIST_CASE_renamed_builtin)
  static constexpr auto TYPE = kist::SecretsStoreType::sqlite;
#else
  static constexpr auto TYPE = kist::SecretsStoreType::custom;
#endif
  using CONFIG_TYPE = Config;

  kist::WriteResult insert(kist::Call&, const kist::Secret&) override {
    return kist::WriteResult::done;
  }
  std::optional<kist::Secret> load(kist::Call&, const kist::Uuid&) override { return std::nullopt; }
  kist::WriteResult replace(kist::Call&, const kist::Secret&, std::uint64_t) override {
    return kist::WriteResult::absent;
  }
#if !defined(KIST_CASE_missing_operation)
  kist::WriteResult erase(kist::Call&, const kist::Uuid&, std::optional<std::uint64_t>) override {
    return kist::WriteResult::absent;
  }
#endif
  void scan(kist::Call&, const std::function<bool(const kist::SecretMetadata&)>&) override {}
};

#if defined(KIST_CASE_bad_id)
KIST_PLUGIN(Store, {.id = "Org.Example Store", .version = "1.0.0", .type = "store"});
#elif defined(KIST_CASE_unnamed_custom)
KIST_PLUGIN(Store, {.id = "org.example.store", .version = "1.0.0"});
#else
KIST_PLUGIN(Store, {.id = "org.example.store", .version = "1.0.0", .type = "store"});
#endif
