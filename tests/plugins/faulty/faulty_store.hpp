// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <kist/plugin.hpp>

#include "fault.hpp"

/// A store that keeps every rule but one. `Good` is what it would be without the fault.
template <class Good>
class FaultyStore : public kist::BaseSecretsStore<typename Good::CONFIG_TYPE> {
 public:
  static constexpr auto TYPE = kist::SecretsStoreType::custom;
  using CONFIG_TYPE = typename Good::CONFIG_TYPE;
  static constexpr auto THREADING = kist::Threading::concurrent;

  /// In the place of the base's, for the good store needs the same.
  void attach(const kist_host& host, const kist::Uuid& deployment_id, CONFIG_TYPE config) {
    good_.attach(host, deployment_id, std::move(config));
  }

  void initialize(kist::Call& call) override {
    if (fault_is("KP-13")) static_cast<void>(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    good_.initialize(call);
    if (fault_is("ST-19")) forget_one(call);
  }

  kist::Secret create_secret(kist::Call& call, kist::Secret secret) override {
    if (fault_is("KP-4")) die_without_memory();
    call.check();
    if (fault_is("ST-4")) erase_if_there(call, secret.id);
    if (fault_is("ST-1")) return create_without_empty_values(call, std::move(secret));
    if (fault_is("KP-15") && secret.values.size() > 0)
      seen_ += (*secret.values.begin()).value.reveal();
    const std::string value(secret.values.size() == 0 ? ""
                                                      : (*secret.values.begin()).value.reveal());
    try {
      return good_.create_secret(call, std::move(secret));
    } catch (const kist::Error& error) {
      if (!fault_is("ST-18") || error.code != kist::ErrorCode::already_exists) throw;
      throw kist::Error(error.code, std::string(error.message()) + " with " + value);
    }
  }

  kist::Secret get_secret(kist::Call& call, const kist::Uuid& id) override {
    if (fault_is("KP-14")) ::umask(0);
    call.check();
    try {
      return good_.get_secret(call, id);
    } catch (const kist::Error& error) {
      if (!fault_is("ST-5") || error.code != kist::ErrorCode::corrupt) throw;
      return a_part(call, id);
    }
  }

  void list_secrets(kist::Call& call, const kist::ListQuery& query, kist::ListSink& sink) override {
    if (fault_is("KP-11") && call.is_cancelled())
      std::this_thread::sleep_for(std::chrono::seconds(1));
    call.check();
    if (fault_is("ST-9")) return list_readable(call, query, sink);
    good_.list_secrets(call, query, sink);
  }

  kist::Secret update_secret(kist::Call& call, const kist::SecretUpdate& update) override {
    call.check();
    kist::SecretUpdate changed = copy_of(update);
    if (fault_is("ST-10") && changed.values) changed.replace_values = true;
    if (fault_is("ST-13")) changed.if_revision.reset();
    if (fault_is("ST-11")) changed.updated = good_.get_secret(call, update.id).updated;
    if (fault_is("ST-16")) static_cast<void>(good_.get_secret(call, update.id));
    try {
      return good_.update_secret(call, changed);
    } catch (const kist::Error& error) {
      if (fault_is("ST-12") && error.code == kist::ErrorCode::already_exists) {
        kist::SecretUpdate half = copy_of(update);
        half.name.reset();
        half.scope.reset();
        good_.update_secret(call, half);
      }
      throw;
    }
  }

  void delete_secret(kist::Call& call, const kist::Uuid& id,
                     std::optional<std::uint64_t> if_revision) override {
    call.check();
    try {
      good_.delete_secret(call, id, if_revision);
    } catch (const kist::Error& error) {
      if (!fault_is("ST-15") || error.code != kist::ErrorCode::not_found) throw;
    }
  }

  void check_health(kist::Call& call) override {
    call.check();
    if (fault_is("ST-21")) throw kist::Error(kist::ErrorCode::unavailable, "it is not well");
    good_.check_health(call);
  }

 protected:
  Good good_;

 private:
  static kist::SecretUpdate copy_of(const kist::SecretUpdate& update) {
    kist::SecretUpdate copy{.id = update.id,
                            .name = update.name,
                            .scope = update.scope,
                            .values = {},
                            .replace_values = update.replace_values,
                            .updated = update.updated,
                            .if_revision = update.if_revision};
    if (!update.values) return copy;
    copy.values.emplace();
    for (std::size_t i = 0; i < update.values->size(); ++i) {
      if (update.values->removes(i))
        copy.values->remove(update.values->key(i));
      else
        copy.values->set(update.values->key(i), update.values->value(i).reveal());
    }
    return copy;
  }

  kist::Secret create_without_empty_values(kist::Call& call, kist::Secret secret) {
    kist::Secret kept = secret.clone();
    kept.values = kist::SecretValues();
    for (const auto [key, value] : secret.values)
      if (!value.reveal().empty()) kept.values.set(key, value.reveal());
    good_.create_secret(call, std::move(kept));
    return secret;
  }

  void erase_if_there(kist::Call& call, const kist::Uuid& id) {
    try {
      good_.delete_secret(call, id, std::nullopt);
    } catch (const kist::Error&) {
      // It is not there.
    }
  }

  static void die_without_memory() {
    void* const memory = std::malloc(16);
    if (memory == nullptr) std::abort();
    std::free(memory);
  }

  struct Rows final : kist::ListSink {
    bool item(const kist::SecretMetadata& row) override {
      rows.push_back(row);
      return true;
    }
    void total(std::uint64_t) override {}
    std::vector<kist::SecretMetadata> rows;
  };

  Rows rows(kist::Call& call) {
    Rows rows;
    good_.list_secrets(call, {}, rows);
    return rows;
  }

  kist::Secret a_part(kist::Call& call, const kist::Uuid& id) {
    for (const kist::SecretMetadata& row : rows(call).rows)
      if (row.id == id) return {row, {}};
    throw kist::Error(kist::ErrorCode::not_found, "it was not there");
  }

  void list_readable(kist::Call& call, const kist::ListQuery& query, kist::ListSink& sink) {
    for (const kist::SecretMetadata& row : rows(call).rows)
      static_cast<void>(good_.get_secret(call, row.id));
    good_.list_secrets(call, query, sink);
  }

  void forget_one(kist::Call& call) {
    const Rows all = rows(call);
    if (!all.rows.empty()) good_.delete_secret(call, all.rows.front().id, std::nullopt);
  }

  std::string seen_;
};
