// SPDX-License-Identifier: Apache-2.0
#include "history.hpp"

#include "samples.hpp"

namespace kist::conformance {
namespace {

enum class Kind { create, change_values, rename, remove, nothing };

Kind kind_of(std::uint64_t step) {
  switch (step % History::kStepsPerSecret) {
    case 0:
      return Kind::create;
    case 1:
      return Kind::change_values;
    case 2:
      return Kind::rename;
    default:
      return History::number(step) % 3 == 0 ? Kind::remove : Kind::nothing;
  }
}

/// Two values that must agree, and one that makes a write take more than a page.
SecretPatch values_at(std::uint64_t step) {
  const std::string text = std::to_string(step);
  SecretPatch patch;
  patch.set("first", text);
  patch.set("last", text);
  patch.set("long", repeated(text + " ", 2000));
  return patch;
}

std::string old_name(std::uint64_t number) { return "old " + std::to_string(number); }
std::string new_name(std::uint64_t number) { return "new " + std::to_string(number); }

}  // namespace

Uuid History::numbered(std::uint64_t number) { return numbered_id(1000 + number); }

std::optional<Secret> History::after(std::uint64_t step) {
  const std::uint64_t first = step - step % kStepsPerSecret;
  Secret secret = secret_named(old_name(number(step)), {});
  secret.id = id(step);
  std::optional<Secret> state;
  for (std::uint64_t done = first; done <= step; ++done) {
    switch (kind_of(done)) {
      case Kind::create:
        values_at(done).apply_to(secret.values);
        state = secret.clone();
        break;
      case Kind::change_values:
        values_at(done).apply_to(state->values);
        break;
      case Kind::rename:
        state->name = new_name(number(done));
        break;
      case Kind::remove:
        return std::nullopt;
      case Kind::nothing:
        return state;
    }
    if (done != first) {
      state->updated = at(static_cast<std::int64_t>(done));
      ++state->revision;
    }
  }
  return state;
}

void History::do_step(StoreClient& store, std::uint64_t step) {
  SecretUpdate update = update_of(id(step));
  update.updated = at(static_cast<std::int64_t>(step));
  switch (kind_of(step)) {
    case Kind::create:
      store.create(*after(step));
      break;
    case Kind::change_values:
      update.values = values_at(step);
      store.update(update);
      break;
    case Kind::rename:
      update.name = new_name(number(step));
      store.update(update);
      break;
    case Kind::remove:
      store.remove(id(step));
      break;
    case Kind::nothing:
      break;
  }
}

}  // namespace kist::conformance
