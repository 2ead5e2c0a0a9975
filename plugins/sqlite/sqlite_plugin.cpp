// SPDX-License-Identifier: Apache-2.0
#include "sqlite_store.hpp"

KIST_PLUGIN(kist::sqlite::SqliteStore,
            {.id = "io.kist.sqlite",
             .version = KIST_SDK_VERSION,
             .summary = "Keeps secrets in one SQLite database file on this machine.",
             .vendor = "Kist",
             .license = "Apache-2.0"});
