// SPDX-License-Identifier: Apache-2.0
#include "sealing/key_usage.hpp"

#include "sealing/envelope.hpp"

namespace kist::core {
namespace {

void count(KeyUsage& usage, const SecretValues& values) {
  for (const auto [key, value] : values) {
    const ParsedEnvelope parsed = parse_envelope(value.reveal());
    if (!parsed.fault)
      ++usage.values[std::string(parsed.envelope.key_id)];
    else if (*parsed.fault == EnvelopeFault::not_sealed)
      ++usage.unsealed_values;
    else
      ++usage.damaged_values;
  }
}

void count_secret(KeyUsage& usage, Call& call, SecretsStoreInterface& store, const Uuid& id,
                  const std::function<void(const Error&)>& unreadable) {
  try {
    count(usage, store.get_secret(call, id).values);
  } catch (const Error& error) {
    if (error.code == ErrorCode::not_found) return;  // It was deleted meanwhile.
    if (error.code != ErrorCode::corrupt) throw;
    ++usage.unreadable_secrets;
    if (unreadable) unreadable(naming_secret(id, error));
  }
}

}  // namespace

KeyUsage key_usage(SecretsStoreInterface& store, const WithCall& with_call,
                   const std::function<void(std::uint64_t, std::uint64_t)>& advanced,
                   const std::function<void(const Error&)>& unreadable) {
  KeyUsage usage;
  std::vector<Uuid> ids;
  with_call([&](Call& call) { ids = ids_of_all_secrets(call, store); });
  for (std::size_t i = 0; i < ids.size(); ++i) {
    with_call([&](Call& call) { count_secret(usage, call, store, ids[i], unreadable); });
    advanced(i + 1, ids.size());
  }
  return usage;
}

}  // namespace kist::core
