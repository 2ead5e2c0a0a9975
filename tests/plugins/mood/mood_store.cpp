// SPDX-License-Identifier: Apache-2.0
// A store that fails as its secrets are named: an insert of "corrupt" fails with that code, one of
// "resource_exhausted later" says that it may be tried again in two seconds. All else is absent.

#include <chrono>
#include <string_view>

#include <kist/plugin.hpp>

#include "../empty_store.hpp"

namespace {

struct MoodConfig : kist::SecretsStoreConfiguration {
  static constexpr auto fields = kist::fields();
};

class MoodStore final : public kist::testing::EmptyStore<MoodConfig> {
 public:
  static constexpr kist::Capabilities CAPABILITIES{.if_revision = true};

  kist::WriteResult insert(kist::Call&, const kist::Secret& secret) override {
    for (kist_status code = KIST_NOT_FOUND; code <= KIST_INTERNAL; ++code) {
      const std::string_view name = kist::to_string(kist::error_code_from(code));
      if (!secret.name.starts_with(name)) continue;
      kist::Error error(kist::error_code_from(code), "mood: it is in a bad one");
      if (secret.name.ends_with(" later")) error.retry_after = std::chrono::seconds(2);
      throw error;
    }
    return kist::WriteResult::done;
  }
};

}  // namespace

KIST_PLUGIN(MoodStore, {.id = "org.example.mood",
                        .version = "1.0.0",
                        .type = "mood",
                        .summary = "Fails as it is told to.",
                        .vendor = "Kist",
                        .license = "Apache-2.0"});
