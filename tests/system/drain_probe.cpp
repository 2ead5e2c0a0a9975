// SPDX-License-Identifier: Apache-2.0
// A host that does its work and does not end: drain_probe DATABASE SEED opens a sealed SQLite
// store, and on two threads creates, gets, updates and deletes secrets whose values follow from
// SEED. It says 'live' on standard output while it holds values and 'drained' when it holds none,
// and goes on with each byte on standard input.

#include <unistd.h>

#include <barrier>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>

#include "canary.hpp"
#include "config/deployment.hpp"
#include "loader/host_call.hpp"
#include "loader/plugin_search.hpp"
#include "loader/plugin_store.hpp"
#include "memory/secret_arena.hpp"
#include "sealing/local_key.hpp"
#include "sealing/sealed_store.hpp"
#include "secrets/secrets_service.hpp"
#include "secrets/uuid.hpp"

namespace {

using namespace kist;
using kist::testing::write_canary;

constexpr std::uint64_t kSecretsPerThread = 50;
constexpr std::size_t kLongValueBytes = 60'000;  // Near the most that a secret may hold.

std::unique_ptr<core::PluginStore> open_sqlite(const core::HostTable& table, const char* path,
                                               const Uuid& deployment_id) {
  core::PluginSelection selection =
      core::PluginSearch({KIST_PLUGIN_DIRECTORY}, {}).by_type("sqlite");
  core::PluginStore::Settings settings{deployment_id, {}};
  for (const auto& option : selection.plugin.manifest.store("sqlite")->options)
    settings.options.push_back(
        {option.name, option.kind, option.secret,
         SecretValue(option.name == "path" ? path : option.default_text.value_or(""))});
  core::HostCall call;
  return core::PluginStore::open(core::PluginImage::load(std::move(selection.plugin), table),
                                 "sqlite", table, call, settings);
}

core::Keyring keyring_of(std::uint64_t seed) {
  std::vector<core::KeyringKey> keys;
  keys.push_back(
      {"k1", "the probe",
       std::make_unique<core::LocalKey>(SecretValue::written(
           core::kKeyBytes, [&](char* memory) { write_canary(seed, memory, core::kKeyBytes); }))});
  return {std::move(keys), "k1"};
}

/// The canary once, and a value that is full of it.
SecretPatch values_of(std::uint64_t seed) {
  SecretPatch values;
  write_canary(seed, values.reserve_value("short", kist::testing::kCanaryBytes));
  char* const memory = values.reserve_value("long", kLongValueBytes);
  for (std::size_t at = 0; at + kist::testing::kCanaryBytes <= kLongValueBytes;
       at += kist::testing::kCanaryBytes)
    write_canary(seed, memory + at);
  return values;
}

void say_and_wait(std::string_view what) {
  static_cast<void>(!::write(STDOUT_FILENO, what.data(), what.size()));
  char next = 0;
  static_cast<void>(!::read(STDIN_FILENO, &next, 1));
}

class Worker {
 public:
  Worker(core::SecretsService& service, const core::Principal& principal, std::barrier<>& barrier)
      : service_(service), principal_(principal), barrier_(barrier) {}

  void run(std::uint64_t seed) {
    {
      core::ShownSecret held;
      for (std::uint64_t i = 0; i < kSecretsPerThread; ++i) held = live_through(seed + 2 * i);
      barrier_.arrive_and_wait();  // 'live' begins,
      barrier_.arrive_and_wait();  // and ends.
    }
    barrier_.arrive_and_wait();  // 'drained' begins,
    barrier_.arrive_and_wait();  // and ends.
  }

 private:
  /// Gives the secret as it was in the middle of its life.
  core::ShownSecret live_through(std::uint64_t seed) {
    core::HostCall call;
    core::NewSecret wanted;
    wanted.name = "s" + std::to_string(seed);
    wanted.values = values_of(seed);
    const Uuid id = service_.create(call, principal_, wanted).id;
    core::ShownSecret shown = service_.get(call, principal_, id);
    core::SecretChange change;
    change.values = values_of(seed + 1);
    service_.update(call, principal_, id, change);
    service_.remove(call, principal_, id, std::nullopt);
    return shown;
  }

  core::SecretsService& service_;
  const core::Principal& principal_;
  std::barrier<>& barrier_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  core::install_secret_arena();
  const std::uint64_t seed = std::strtoull(argv[2], nullptr, 10);
  const core::Deployment deployment = core::new_deployment(std::nullopt);
  const core::HostTable table(nullptr);
  const auto store = open_sqlite(table, argv[1], deployment.id);
  const core::Keyring keyring = keyring_of(seed);
  core::Sealer sealer(keyring, deployment.id);
  core::SealedStore sealed(*store, sealer);
  const core::Directory directory(deployment.id, {}, {});
  core::SecretsService service(sealed, directory, core::Limits(), core::system_clock_now,
                               core::new_uuid, deployment.cursor_key);
  std::barrier barrier(3);
  Worker worker(service, directory.local_principal(), barrier);
  std::thread first([&] { worker.run(seed + 1); });
  std::thread second([&] { worker.run(seed + 1 + 2 * kSecretsPerThread); });
  for (const std::string_view what : {"live\n", "drained\n"}) {
    barrier.arrive_and_wait();
    say_and_wait(what);
    barrier.arrive_and_wait();
  }
  first.join();
  second.join();
  return 0;
}
