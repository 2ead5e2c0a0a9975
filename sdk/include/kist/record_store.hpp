// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include <kist/base_secrets_store.hpp>

namespace kist {

/// What a write of a RecordStore came to.
enum class WriteResult {
  done,
  absent,      ///< No record has this id.
  id_taken,    ///< A record with this id exists.
  name_taken,  ///< Another record has this unique_name().
  changed,     ///< The record's revision is not the expected one.
};

/// The text that no two records of a store may share (ST-2): scope, workspace, owner where the
/// scope is `user`, and name. Injective; its first 33 or 65 bytes are ASCII.
inline std::string unique_name(const SecretMetadata& record) {
  std::string text = record.scope == Scope::user ? "u" : "w";
  text += record.workspace_id.to_hex();
  if (record.scope == Scope::user) text += record.user_id.to_hex();
  text += record.name;
  return text;
}

/// A store over a back-end that is little more than a map: write insert, load, replace, erase and
/// scan, and every rule of the contract holds, if each of these writes is atomic and durable by
/// itself, and refuses a taken id or unique_name() under any concurrency (ST-3).
template <class Config>
class RecordStore : public BaseSecretsStore<Config> {
 public:
  static constexpr Capabilities CAPABILITIES{.if_revision = true};

  /// Adds a record. Gives done, id_taken or name_taken.
  virtual WriteResult insert(Call& call, const Secret& record) = 0;

  /// The record, or nothing. Errors: corrupt.
  virtual std::optional<Secret> load(Call& call, const Uuid& id) = 0;

  /// Puts `record` in the place of the one with its id, if that one's revision is
  /// `expected_revision`. Gives done, absent, name_taken or changed.
  virtual WriteResult replace(Call& call, const Secret& record,
                              std::uint64_t expected_revision) = 0;

  /// Removes the record, if its revision is `expected_revision` where one is given. Gives done,
  /// absent or changed. Must work on a record that load() calls corrupt (ST-16).
  virtual WriteResult erase(Call& call, const Uuid& id,
                            std::optional<std::uint64_t> expected_revision) = 0;

  /// Hands every record to `visit`, in any order, without reading values where that can be avoided,
  /// until it returns false. A record that cannot be read is passed on as `readable = false`
  /// (ST-9).
  virtual void scan(Call& call, const std::function<bool(const SecretMetadata&)>& visit) = 0;

  /// What is known of the record when its values may be lost (ST-16). Override it if load() can
  /// fail with corrupt while the metadata is still there.
  virtual std::optional<SecretMetadata> load_metadata(Call& call, const Uuid& id) {
    return load(call, id);
  }

  Secret create_secret(Call& call, Secret secret) final {
    switch (insert(call, secret)) {
      case WriteResult::id_taken:
        throw Error(ErrorCode::already_exists,
                    "a secret with id " + secret.id.to_string() + " exists");
      case WriteResult::name_taken:
        throw name_taken(secret);
      default:
        return secret;
    }
  }

  Secret get_secret(Call& call, const Uuid& id) final {
    auto secret = load(call, id);
    if (!secret) throw not_found(id);
    return std::move(*secret);
  }

  void list_secrets(Call& call, const ListQuery& /*query*/, ListSink& sink) final {
    scan(call, [&](const SecretMetadata& row) { return sink.item(row); });
  }

  Secret update_secret(Call& call, const SecretUpdate& update) final {
    for (;;) {
      call.check();
      Secret secret = load_for(call, update);
      const std::uint64_t revision = secret.revision;
      if (update.if_revision && *update.if_revision != revision)
        throw conflict(update.id, *update.if_revision);
      apply(update, secret);
      switch (replace(call, secret, revision)) {
        case WriteResult::absent:
          throw not_found(update.id);
        case WriteResult::name_taken:
          throw name_taken(secret);
        case WriteResult::changed:
          continue;  // Someone wrote in between: patch what they wrote (ST-14).
        default:
          return secret;
      }
    }
  }

  void delete_secret(Call& call, const Uuid& id, std::optional<std::uint64_t> if_revision) final {
    switch (erase(call, id, if_revision)) {
      case WriteResult::absent:
        throw not_found(id);
      case WriteResult::changed:
        throw conflict(id, if_revision.value_or(0));
      default:
        return;
    }
  }

 private:
  Secret load_for(Call& call, const SecretUpdate& update) {
    if (update.values && update.replace_values) {
      auto metadata = load_metadata(call, update.id);
      if (!metadata) throw not_found(update.id);
      return Secret{std::move(*metadata), {}};
    }
    return get_secret(call, update.id);
  }

  static void apply(const SecretUpdate& update, Secret& secret) {
    if (update.name) secret.name = *update.name;
    if (update.scope) secret.scope = *update.scope;
    if (update.values) update.values->apply_to(secret.values);
    secret.updated = update.updated;
    secret.readable = true;
    ++secret.revision;
  }

  static Error not_found(const Uuid& id) {
    return {ErrorCode::not_found, "there is no secret with id " + id.to_string()};
  }
  static Error name_taken(const SecretMetadata& secret) {
    return {ErrorCode::already_exists, "a secret named '" + secret.name + "' exists in the " +
                                           std::string(to_string(secret.scope)) + " scope"};
  }
  static Error conflict(const Uuid& id, std::uint64_t expected) {
    return {ErrorCode::conflict,
            "secret " + id.to_string() + " is not at revision " + std::to_string(expected)};
  }
};

}  // namespace kist
