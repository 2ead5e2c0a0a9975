// SPDX-License-Identifier: Apache-2.0
#include "sealing/unsealed_store.hpp"

#include <string>
#include <utility>

#include "sealing/envelope.hpp"
#include "sealing/untouched_values.hpp"
#include "text/printable.hpp"

namespace kist::core {
namespace {

void refuse_to_store(std::string_view key, SecretView value) {
  if (value.reveal().starts_with(kEnvelopeMagic))
    throw Error(ErrorCode::invalid_argument,
                "the value of key " + in_quotes(key) +
                    " begins with the bytes FE 4B 53 54, by which sealed values are known; a store "
                    "that is not sealed cannot keep it");
}

void refuse_sealed(const Uuid& id, const SecretValues& values) {
  for (const auto [key, value] : values) {
    const ParsedEnvelope parsed = parse_envelope(value.reveal());
    if (parsed.fault == EnvelopeFault::not_sealed) continue;
    const std::string with_key =
        parsed.fault ? "" : " with key " + in_quotes(parsed.envelope.key_id);
    throw Error(ErrorCode::failed_precondition, "secret " + id.to_string() + ": the value of key " +
                                                    in_quotes(key) + " is sealed" + with_key +
                                                    ", and sealing is off for this store");
  }
}

}  // namespace

Secret UnsealedStore::create_secret(Call& call, Secret secret) {
  for (const auto [key, value] : secret.values) refuse_to_store(key, value);
  return store_.create_secret(call, std::move(secret));
}

Secret UnsealedStore::get_secret(Call& call, const Uuid& id) {
  Secret secret = store_.get_secret(call, id);
  refuse_sealed(id, secret.values);
  return secret;
}

Secret UnsealedStore::update_secret(Call& call, const SecretUpdate& update) {
  if (update.values) {
    for (std::size_t i = 0; i < update.values->size(); ++i)
      refuse_to_store(update.values->key(i), update.values->value(i));
  }
  // What stays would come back with what is changed.
  if (leaves_values(update)) {
    Secret current = store_.get_secret(call, update.id);
    refuse_sealed(update.id, untouched_values(update, std::move(current.values)));
  }
  return store_.update_secret(call, update);
}

}  // namespace kist::core
