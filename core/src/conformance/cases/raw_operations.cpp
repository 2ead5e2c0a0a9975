// SPDX-License-Identifier: Apache-2.0
#include "raw_operations.hpp"

#include <stdexcept>

#include <kist/abi.hpp>

namespace kist::conformance {
namespace {

kist_status update_existing(OperatedStore& on, RawCall& call) {
  const kist_value values[] = {{abi::bytes("new"), abi::bytes("new value"), 0, 0},
                               {abi::bytes("user"), {}, 1, 0}};
  kist_update_request request{};
  request.id = abi::uuid(on.existing.id);
  request.flags = KIST_UPDATE_NAME | KIST_UPDATE_VALUES;
  request.name = abi::bytes("renamed");
  request.values = values;
  request.value_count = std::size(values);
  return on.store.update(call, request);
}

std::string described(const RawCall& got, kist_status status) {
  if (status != KIST_OK) return "status " + std::to_string(status);
  std::string text = text_of(got.record);
  for (const auto& [key, value] : got.values)
    text.append(" ").append(key).append("=").append(value);
  return text;
}

}  // namespace

OperatedStore::OperatedStore() {
  RawCall call;
  if (store.create(call, existing) != KIST_OK)
    throw std::runtime_error("create failed: " + call.message);
}

std::string OperatedStore::state() {
  std::string text;
  for (const Secret* secret : {&existing, &added}) {
    RawCall got;
    const kist_status status = store.get(got, secret->id);
    text += described(got, status) + "\n";
  }
  RawCall listed;
  const kist_status status = store.list(listed, list_all());
  text += "list: " + std::to_string(status) + " " + listed.message;
  for (const std::string& name : listed.rows) text += " " + name;
  return text;
}

std::span<const RawOperation> raw_operations() {
  static constexpr RawOperation operations[] = {
      {"create", true, [](auto& on, auto& call) { return on.store.create(call, on.added); }},
      {"get", false, [](auto& on, auto& call) { return on.store.get(call, on.existing.id); }},
      {"list", false, [](auto& on, auto& call) { return on.store.list(call, list_all()); }},
      {"update", true, update_existing},
      {"delete", true, [](auto& on, auto& call) { return on.store.remove(call, on.existing.id); }},
  };
  return operations;
}

}  // namespace kist::conformance
