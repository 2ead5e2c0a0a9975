// SPDX-License-Identifier: Apache-2.0
#include "sealing/stored_secrets.hpp"

#include <algorithm>
#include <string>

namespace kist::core {
namespace {

class IdList final : public ListSink {
 public:
  bool item(const SecretMetadata& row) override {
    ids.push_back(row.id);
    return true;
  }
  void total(std::uint64_t /*count*/) override {}

  std::vector<Uuid> ids;
};

}  // namespace

std::vector<Uuid> ids_of_all_secrets(Call& call, SecretsStoreInterface& store) {
  IdList list;
  store.list_secrets(call, {.visible = {}, .conditions = {}, .sort = Field::id, .after = {}}, list);
  std::ranges::sort(list.ids);  // Nobody says that a store sorts as it should.
  list.ids.erase(std::unique(list.ids.begin(), list.ids.end()), list.ids.end());
  return std::move(list.ids);
}

Error naming_secret(const Uuid& id, const Error& error) {
  const std::string name = id.to_string();
  if (error.message().find(name) != std::string_view::npos) return error;
  return {error.code, "secret " + name + ": " + std::string(error.message())};
}

}  // namespace kist::core
