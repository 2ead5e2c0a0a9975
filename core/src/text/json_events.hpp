// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace kist::core {

enum class JsonScalar { null, boolean, number };

/// Takes what a JSON text is made of, in its order. A key or a text is there during the call only.
class JsonEvents {
 public:
  virtual void object_begin() = 0;
  virtual void object_end() = 0;
  virtual void array_begin() = 0;
  virtual void array_end() = 0;
  virtual void key(std::string_view key) = 0;
  virtual void text(std::string_view text) = 0;
  virtual void scalar(JsonScalar kind) = 0;

 protected:
  ~JsonEvents() = default;
};

enum class JsonFault { none, syntax, depth };

/// Reads one JSON text (RFC 8259: UTF-8, no comments, no byte order mark, nothing behind it)
/// without making a tree of it, which would keep values in places that nobody wipes. Its texts are
/// put together in wiped memory; what it leaves on the stack is the caller's to wipe
/// (memory/dead_stack.hpp). Objects and arrays may be nested `depth_max` deep. What `events` throws
/// ends it.
JsonFault read_json(std::string_view json, std::size_t depth_max, JsonEvents& events);

}  // namespace kist::core
