// SPDX-License-Identifier: Apache-2.0
#include "secrets/uuid.hpp"

#include <algorithm>
#include <string>

#include <boost/uuid/entropy_error.hpp>
#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid.hpp>

#include <kist/error.hpp>

namespace kist::core {
namespace {

Uuid from_boost(const boost::uuids::uuid& uuid) {
  Uuid result;
  std::copy(uuid.begin(), uuid.end(), result.bytes.begin());
  return result;
}

}  // namespace

Uuid new_uuid() {
  try {
    return from_boost(boost::uuids::random_generator_pure()());
  } catch (const boost::uuids::entropy_error& failure) {
    throw Error(ErrorCode::internal,
                std::string("the system has no randomness for a new id: ") + failure.what());
  }
}

Uuid named_uuid(const Uuid& deployment_id, std::string_view kind, std::string_view name) {
  boost::uuids::uuid space;
  std::copy(deployment_id.bytes.begin(), deployment_id.bytes.end(), space.begin());
  std::string text(kind);
  text += ':';
  text += name;
  return from_boost(boost::uuids::name_generator_sha1(space)(text));
}

}  // namespace kist::core
