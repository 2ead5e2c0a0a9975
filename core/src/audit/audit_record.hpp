// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <kist/models.hpp>

namespace kist::core {

/// Who did what to which secret, and what came of it; never a value. What comes from outside may
/// hold anything; of each text the first 1,024 bytes are written.
struct AuditRecord {
  Timestamp time;
  std::string request_id;
  std::string peer;         ///< "127.0.0.1:51234".
  std::string principal;    ///< Name; empty: nobody whom the host knows.
  std::string_view action;  ///< "secret.get"; of static storage.
  std::optional<Uuid> secret_id;
  std::string secret_name;  ///< As asked for or found; empty: none is known.
  int status = 0;           ///< Of the reply: 200, 404.
  std::string_view result;  ///< "ok", or the error's code: "not_found"; of static storage.
};

}  // namespace kist::core
