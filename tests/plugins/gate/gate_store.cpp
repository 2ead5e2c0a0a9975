// SPDX-License-Identifier: Apache-2.0
// A store that stops in the middle of create_secret(), so that a test can look at the process: it
// opens the FIFO `gate`, and goes on when the other side has opened and closed it. It keeps its
// token as a plugin should, and nothing else.

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include <kist/plugin.hpp>

#include "../empty_store.hpp"

namespace {

struct GateConfig : kist::SecretsStoreConfiguration {
  std::filesystem::path gate;
  std::optional<kist::SecretValue> token;

  static constexpr auto fields =
      kist::fields(kist::field<&GateConfig::gate>("gate", "The FIFO to wait at.").required(),
                   kist::field<&GateConfig::token>("token", "A secret that the store needs."));
};

class GateStore final : public kist::testing::EmptyStore<GateConfig> {
 public:
  static constexpr kist::Capabilities CAPABILITIES{.if_revision = true, .local = true};

  kist::WriteResult insert(kist::Call& call, const kist::Secret&) override {
    const int gate = ::open(config().gate.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (gate < 0) throw kist::Error(kist::ErrorCode::unavailable, "gate: there is none");
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(
        std::min<std::chrono::nanoseconds>(call.remaining(), std::chrono::hours(1)));
    struct pollfd ready[] = {{gate, POLLIN, 0}, {call.cancel_fd(), POLLIN, 0}};
    ::poll(ready, 2, static_cast<int>(left.count()));
    ::close(gate);
    call.check();
    return kist::WriteResult::done;
  }
};

}  // namespace

KIST_PLUGIN(GateStore, {.id = "org.example.gate",
                        .version = "1.0.0",
                        .type = "gate",
                        .summary = "Stops in the middle of a call.",
                        .vendor = "Kist",
                        .license = "Apache-2.0"});
