// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <kist/error.hpp>
#include <kist/types.h>
#include <kist/uuid.hpp>

namespace kist::core {

/// One call into a store through the ABI, for whoever writes its plugin: what was called, how it
/// ended, how long it took, and how much passed. It has room for no name, key or value.
struct TracedCall {
  /// Keys and values that passed, and their bytes. Those of a sealed value are an envelope's.
  struct Amount {
    std::size_t values = 0;
    std::size_t bytes = 0;
  };

  std::string_view store;           ///< The store type. Borrowed.
  std::string_view function;        ///< As the table has it: "get_secret". Borrowed.
  std::optional<Uuid> id;           ///< Of the secret that the call is for.
  kist_status status = KIST_OK;     ///< What the plugin returned.
  std::optional<ErrorCode> error;   ///< What the host made of it; nothing: success.
  std::chrono::nanoseconds took{};  ///< Inside the plugin; the wait for its turn is left out.
  std::optional<Amount> given;      ///< To the store.
  std::optional<Amount> secret;     ///< What it gave back.
  std::optional<std::size_t> rows;  ///< How many it sent.
};

/// Told of each call after it ended, on its thread.
using CallTrace = std::function<void(const TracedCall&)>;

/// "ok" or the error's name; "internal (returned ok)" where the host judged otherwise.
std::string outcome_of(const TracedCall& call);

/// "dir: get_secret 0190…: ok in 0.084 ms, gave 2 values of 311 bytes".
std::string describe(const TracedCall& call);

}  // namespace kist::core
