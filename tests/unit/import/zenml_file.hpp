// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sqlite3.h>
#include <stdlib.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

#include <openssl/evp.h>

#include <kist/secret_value.hpp>

#include "sealing/aes_gcm.hpp"

namespace kist::core::testing {

inline constexpr std::string_view kSharedTables = R"(
  CREATE TABLE user (id CHAR(32) PRIMARY KEY, name VARCHAR NOT NULL);
  INSERT INTO user VALUES ('a11ce000000040008000000000000001', 'alice'),
                          ('b0b00000000040008000000000000002', 'bob'),
                          ('def00000000040008000000000000003', 'default');)";

/// As ZenML 0.33 to 0.74 made it.
inline constexpr std::string_view kScopeTables = R"(
  CREATE TABLE workspace (id CHAR(32) PRIMARY KEY, name VARCHAR NOT NULL);
  INSERT INTO workspace VALUES ('00000000000040008000000000000011', 'default'),
                               ('00000000000040008000000000000012', 'research'),
                               ('00000000000040008000000000000013', 'abandoned');
  CREATE TABLE secret ("values" TEXT NOT NULL, workspace_id CHAR(32) NOT NULL,
    user_id CHAR(32) NOT NULL, id CHAR(32) NOT NULL, created DATETIME NOT NULL,
    updated DATETIME NOT NULL, name VARCHAR NOT NULL, scope VARCHAR NOT NULL, PRIMARY KEY (id),
    FOREIGN KEY(user_id) REFERENCES user (id) ON DELETE CASCADE,
    FOREIGN KEY(workspace_id) REFERENCES workspace (id) ON DELETE CASCADE);)";

/// As it is made since.
inline constexpr std::string_view kPrivateTable = R"(
  CREATE TABLE secret (id CHAR(32) NOT NULL, created DATETIME NOT NULL, updated DATETIME NOT NULL,
    name VARCHAR NOT NULL, "values" TEXT, user_id CHAR(32) NOT NULL, private BOOLEAN NOT NULL,
    internal BOOLEAN NOT NULL DEFAULT 0, PRIMARY KEY (id),
    CONSTRAINT unique_secret_name_private_scope_user UNIQUE (name, private, user_id),
    FOREIGN KEY(user_id) REFERENCES user (id) ON DELETE CASCADE);)";

/// A database file in a directory of its own.
class ZenmlFile {
 public:
  explicit ZenmlFile(std::string_view tables) {
    std::string pattern = "/tmp/kist-zenml-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
    run(kSharedTables);
    run(tables);
  }
  ~ZenmlFile() { std::filesystem::remove_all(directory_); }
  ZenmlFile(const ZenmlFile&) = delete;
  ZenmlFile& operator=(const ZenmlFile&) = delete;

  const std::filesystem::path& directory() const { return directory_; }
  std::filesystem::path path() const { return directory_ / "zenml.db"; }

  void run(std::string_view sql) const {
    sqlite3* database = nullptr;
    ::sqlite3_open(path().c_str(), &database);
    const int result =
        ::sqlite3_exec(database, std::string(sql).c_str(), nullptr, nullptr, nullptr);
    const std::string message = ::sqlite3_errmsg(database);
    ::sqlite3_close(database);
    if (result != SQLITE_OK) throw std::runtime_error(message);
  }

  /// What a row holds in SQL: quotes are the caller's.
  struct PrivateRow {
    std::string id = "'0000000000004000800000000000000a'", name = "'db'", is_private = "0",
                user = "'a11ce000000040008000000000000001'",
                created = "'2023-05-04 12:34:56.123456'", updated = "'2024-01-02 03:04:05.000007'",
                values = "'e30='", internal = "0";
  };
  void add(const PrivateRow& row) const {
    run("INSERT INTO secret (id, name, private, user_id, created, updated, \"values\", internal) "
        "VALUES (" +
        row.id + ", " + row.name + ", " + row.is_private + ", " + row.user + ", " + row.created +
        ", " + row.updated + ", " + row.values + ", " + row.internal + ")");
  }

 private:
  std::filesystem::path directory_;
};

inline std::string base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  text.resize(static_cast<std::size_t>(::EVP_EncodeBlock(
      reinterpret_cast<unsigned char*>(text.data()),
      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()))));
  return text;
}

/// What ZenML stores with this encryption key.
inline std::string encrypted(std::string_view json, std::string_view encryption_key) {
  unsigned char key[kKeyBytes];
  unsigned size = 0;
  ::EVP_Digest(encryption_key.data(), encryption_key.size(), key, &size, ::EVP_sha256(), nullptr);
  AesGcm cipher(AesGcm::Direction::encrypt);
  cipher.set_key(SecretView(std::string_view(reinterpret_cast<const char*>(key), size)));
  const std::string nonce = "twelve bytes";
  std::string sealed(json.size() + kTagBytes, '\0');
  cipher.encrypt(nonce, {}, json, sealed.data());
  return base64(nonce + sealed.substr(json.size()) + sealed.substr(0, json.size()));
}

}  // namespace kist::core::testing
