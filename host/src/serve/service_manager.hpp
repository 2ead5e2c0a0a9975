// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "config/environment.hpp"

namespace kist::serve {

/// Who started the process and waits for it: systemd, or another that speaks its protocol
/// (sd_notify(3), NOTIFY_SOCKET). Where there is none, nothing is said. Never fails.
class ServiceManager {
 public:
  explicit ServiceManager(const core::Environment& environment);

  void ready(std::string_view status) const;
  void reloading() const;
  void stopping() const;

 private:
  void tell(const std::string& message) const;

  std::string socket_;
};

}  // namespace kist::serve
