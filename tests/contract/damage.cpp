// SPDX-License-Identifier: Apache-2.0
// What `damage_values` of the configurations here is: damages the values of one secret, and nothing
// else, in a store that is closed.
//
//     kist_damage database | files

#include <sqlite3.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>

namespace {

namespace fs = std::filesystem;

/// The store of sdk/template keeps a secret's values at the end of a file of its own.
bool damage_file(const fs::path& home, const std::string& id) {
  bool done = false;
  for (const auto& entry : fs::recursive_directory_iterator(home)) {
    if (entry.path().filename() != id || entry.file_size() == 0) continue;
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(-1, std::ios::end);
    const auto last = static_cast<char>(file.get() ^ 1);
    file.seekp(-1, std::ios::end);
    file.put(last);
    done = file.good();
  }
  return done;
}

bool damage_row(const fs::path& home, std::string id) {
  std::erase(id, '-');
  sqlite3* database = nullptr;
  const std::string sql =
      "UPDATE secret_values SET content = x'00' WHERE secret_id = x'" + id + "'";
  const bool done = sqlite3_open((home / "secrets.db").c_str(), &database) == SQLITE_OK &&
                    sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK &&
                    sqlite3_changes(database) == 1;
  sqlite3_close(database);
  return done;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc == 2 ? argv[1] : "";
  const char* const home = std::getenv("KIST_TEST_HOME");
  const char* const id = std::getenv("KIST_TEST_SECRET_ID");
  if (home == nullptr || id == nullptr) return EXIT_FAILURE;
  const bool done = what == "database" ? damage_row(home, id) : damage_file(home, id);
  if (!done) std::cerr << "kist_damage: nothing of secret " << id << " can be damaged\n";
  return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
