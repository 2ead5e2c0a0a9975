// SPDX-License-Identifier: Apache-2.0
// Who asks, and how often, beside the one MAC and the one lock that it takes.

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "access/authenticator.hpp"
#include "access/rate_limiter.hpp"

namespace kist::bench {
namespace {

constexpr std::size_t kPrincipals = 1'000;

/// A thousand principals, each with a token.
struct Deployment {
  Deployment() {
    std::vector<core::PrincipalEntry> entries;
    for (std::size_t i = 0; i < kPrincipals; ++i) {
      core::PrincipalSettings& added = settings.emplace_back();
      added.name = "principal-" + std::to_string(i);
      tokens.push_back(core::new_token());
      added.token_hash = core::TokenHash::make(tokens.back().view(), added.name);
      entries.push_back({added.name, {}, {}});
    }
    directory =
        std::make_unique<core::Directory>(Uuid(), std::vector<core::WorkspaceEntry>(), entries);
    authenticator = std::make_unique<core::Authenticator>(*directory, settings);
  }

  std::vector<core::PrincipalSettings> settings;
  std::vector<SecretValue> tokens;
  std::unique_ptr<core::Directory> directory;
  std::unique_ptr<core::Authenticator> authenticator;
};

void token_known(benchmark::State& state) {
  const Deployment deployment;
  std::size_t i = 0;
  for (auto _ : state) {
    const std::string_view token = deployment.tokens[i++ % kPrincipals].reveal();
    benchmark::DoNotOptimize(deployment.authenticator->by_token(token, Timestamp()));
  }
}
BENCHMARK(token_known);

void token_unknown(benchmark::State& state) {
  const Deployment deployment;
  const SecretValue token = core::new_token();
  for (auto _ : state)
    benchmark::DoNotOptimize(deployment.authenticator->by_token(token.reveal(), Timestamp()));
}
BENCHMARK(token_unknown);

void token_bare_mac(benchmark::State& state) {
  const std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> algorithm(
      EVP_MAC_fetch(nullptr, "HMAC", nullptr), EVP_MAC_free);
  const std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> context(
      EVP_MAC_CTX_new(algorithm.get()), EVP_MAC_CTX_free);
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end()};
  const unsigned char key[core::kTokenMacBytes] = {1}, token[core::kTokenSize] = {2};
  unsigned char mac[core::kTokenMacBytes];
  std::size_t size = 0;
  if (EVP_MAC_init(context.get(), key, sizeof(key), parameters) != 1)
    return state.SkipWithError("no HMAC");
  for (auto _ : state) {
    EVP_MAC_init(context.get(), nullptr, 0, nullptr);
    EVP_MAC_update(context.get(), token, sizeof(token));
    EVP_MAC_final(context.get(), mac, &size, sizeof(mac));
    benchmark::DoNotOptimize(mac);
  }
}
BENCHMARK(token_bare_mac);

/// A request of each of `keys` in turn, a microsecond apart.
void take(benchmark::State& state, std::size_t keys) {
  core::RateLimiter limiter(1'000'000);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < keys; ++i)
    names.push_back("3f0c2d4e-0000-4000-8000-00000000" + std::to_string(1'000 + i));
  core::RateLimiter::Clock::time_point now{std::chrono::hours(1)};
  std::size_t i = 0;
  for (auto _ : state) {
    now += std::chrono::microseconds(1);
    benchmark::DoNotOptimize(limiter.take(names[i++ % keys], now));
  }
}
void rate_take(benchmark::State& state) { take(state, 1); }
BENCHMARK(rate_take);
void rate_take_of_many(benchmark::State& state) { take(state, kPrincipals); }
BENCHMARK(rate_take_of_many);

void rate_bare_lock(benchmark::State& state) {
  std::mutex mutex;
  for (auto _ : state) {
    const std::lock_guard lock(mutex);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(rate_bare_lock);

}  // namespace
}  // namespace kist::bench
