// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include <boost/json/array.hpp>
#include <doctest/doctest.h>

#include "server_place.hpp"

namespace kist::testing {

/// What a server is told, so that every create waits until its test lets it go on.
inline void use_gate(ServerPlace& place) {
  const std::filesystem::path fifo = place.path() / "gate";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  place.settings["plugins"] = {
      {"directories", boost::json::array{KIST_TEST_PLUGINS + std::string("/gate")}}};
  place.settings["secrets_store"] = {
      {"type", "custom"}, {"class_path", "gate.so"}, {"gate", fifo.native()}};
  place.settings["sealing"] = {{"enabled", false}};
}

/// Comes back when a create waits at the gate. All that wait go on when the result goes away.
inline core::FileDescriptor wait_for_gate(const ServerPlace& place) {
  core::FileDescriptor held(::open((place.path() / "gate").c_str(), O_WRONLY | O_CLOEXEC));
  REQUIRE(held);
  return held;
}

/// Lets through whoever is at the gate, until this one has its answer.
inline Answer answer_through_gate(const ServerPlace& place, Connection& connection) {
  const std::string fifo = (place.path() / "gate").native();
  while (connection.stays_silent(std::chrono::milliseconds(5)))
    core::FileDescriptor(::open(fifo.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
  return connection.answer();
}

}  // namespace kist::testing
