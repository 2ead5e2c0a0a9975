// SPDX-License-Identifier: Apache-2.0
// KP-4: a store that throws what its configuration says from whichever operation is called. The
// SDK's barrier must turn it into a status, whatever runtime the plugin has.

#include <new>
#include <stdexcept>
#include <string>

#include <kist/plugin.hpp>

namespace {

struct ThrowsConfig : kist::SecretsStoreConfiguration {
  std::string thrown;
  bool at_open = false;

  static constexpr auto fields = kist::fields(
      kist::field<&ThrowsConfig::thrown>("thrown", "What is thrown.").default_value("error"),
      kist::field<&ThrowsConfig::at_open>("at_open", "Whether opening throws.")
          .default_value(false));
};

class ThrowsStore final : public kist::BaseSecretsStore<ThrowsConfig> {
 public:
  static constexpr auto TYPE = kist::SecretsStoreType::custom;
  using CONFIG_TYPE = ThrowsConfig;

  void initialize(kist::Call&) override {
    if (config().at_open) raise();
  }
  kist::Secret create_secret(kist::Call&, kist::Secret) override { raise(); }
  kist::Secret get_secret(kist::Call&, const kist::Uuid&) override { raise(); }
  void list_secrets(kist::Call&, const kist::ListQuery&, kist::ListSink&) override { raise(); }
  kist::Secret update_secret(kist::Call&, const kist::SecretUpdate&) override { raise(); }
  void delete_secret(kist::Call&, const kist::Uuid&, std::optional<std::uint64_t>) override {
    raise();
  }
  void check_health(kist::Call&) override { raise(); }

 private:
  struct NotAnException {};

  [[noreturn]] void raise() const {
    if (config().thrown == "int") throw 42;
    if (config().thrown == "struct") throw NotAnException{};
    if (config().thrown == "bad_alloc") throw std::bad_alloc();
    if (config().thrown == "exception") throw std::logic_error("a bug");
    kist::Error error(kist::ErrorCode::unavailable, "no route to host");
    error.backend_code = "EHOSTUNREACH";
    error.retry_after = std::chrono::milliseconds(250);
    throw error;
  }
};

}  // namespace

KIST_PLUGIN(ThrowsStore, {.id = "org.example.throws", .version = "1.0.0", .type = "throws"});
