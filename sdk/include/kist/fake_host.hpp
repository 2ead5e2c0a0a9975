// SPDX-License-Identifier: Apache-2.0
#pragma once

// A host for the unit tests of a plugin, which need no Kist: fake_host.h in C++.
//
//   kist::FakeHost host;
//   const kist::FakeStore store = host.open("dir", {{"root", "/tmp/x"}});
//   store.create(kist::fake_secret(1, "first", {{"user", "app"}}));
//   assert(store.get(kist::fake_secret(1, "").id).name == "first" && host.misuse().empty());

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <kist/fake_store.hpp>
#include <kist/plugin.hpp>

namespace kist {

/// A secret of the workspace scope, at revision 1; `number` is the end of its id.
inline Secret fake_secret(
    std::uint8_t number, std::string_view name,
    std::initializer_list<std::pair<std::string_view, std::string_view>> values = {}) {
  Secret secret;
  secret.id.bytes.back() = number;
  secret.name = name;
  secret.created = secret.updated = abi::timestamp(1);
  for (const auto& [key, value] : values) secret.values.set(key, value);
  return secret;
}

namespace detail {

struct FakeLock {
  FakeLock() { kist_fake_lock(); }
  FakeLock(const FakeLock&) = delete;
  FakeLock& operator=(const FakeLock&) = delete;
  ~FakeLock() { kist_fake_unlock(); }
};

template <class Store>
struct FakeDefinition {
  using KistStore = Store;
  static constexpr PluginInfo info{.id = "fake", .version = "1"};
};

}  // namespace detail

/// The host of this program, as if it were new: one at a time. What it shall do is set behind an
/// arrow, as fake_host.h has it: `host->cancel_at = 1`.
///
/// Secrets of a test lie in the memory that the host gives, once a store is open: they count in
/// secure_blocks() for as long as they live.
class FakeHost {
 public:
  using Options = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  FakeHost() : host_(kist_fake_host_begin()) {}
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;

  kist_fake_host* operator->() const { return host_; }

  /// A store of the plugin that the program is linked with. Nobody checks the options, or fills in
  /// their defaults. Errors: those of the store; failed_precondition: there is no such type.
  FakeStore open(std::string_view type, Options options = {}) const {
    return open(kist_plugin_v1, type, options);
  }
  FakeStore open(kist_plugin_entry* entry, std::string_view type, Options options = {}) const {
    return opened(options, [&](const auto& given, auto* store, auto* call) {
      kist_fake_open(host_, entry, std::string(type).c_str(), given.data(), given.size(), store,
                     call);
    });
  }
  /// A store by its class alone.
  template <class Store>
  FakeStore open(Options options = {}) const {
    return opened(options, [&](const auto& given, auto* store, auto* call) {
      using Tables = detail::PluginTables<detail::FakeDefinition<Store>>;
      kist_fake_open_type(host_, &Tables::type, given.data(), given.size(), store, call);
    });
  }

  /// Cancels the calls that run, and those that follow. Any thread.
  void cancel() const { kist_fake_cancel(host_); }

  /// The first rule that the plugin broke, or nothing.
  std::string_view misuse() const { return host_->misuse; }
  std::size_t secure_blocks() const { return host_->secure_blocks; }
  /// What the plugin logged, line by line. Any thread.
  std::vector<std::string> logs() const {
    const detail::FakeLock lock;
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < host_->line_count; ++i) texts.emplace_back(host_->lines[i].text);
    return texts;
  }

 private:
  template <class Open>
  FakeStore opened(Options options, Open&& open) const {
    std::vector<kist_option> given;
    for (const auto& [name, text] : options)
      given.push_back({abi::bytes(name), abi::bytes(text), KIST_OPTION_STRING, 0});
    kist_fake_store store{};
    detail::FakeCall call;
    open(given, &store, call.get());
    FakeStore result(store);  // Closed, should it be open though the call has failed.
    call.expect_ok();
    return result;
  }

  kist_fake_host* host_;
};

}  // namespace kist
