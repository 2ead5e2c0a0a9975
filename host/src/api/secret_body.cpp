// SPDX-License-Identifier: Apache-2.0
#include "api/secret_body.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

#include <kist/secret_value.hpp>

#include "secrets/invalid_parameter.hpp"
#include "secrets/validation.hpp"
#include "text/base64.hpp"
#include "text/json_events.hpp"
#include "text/printable.hpp"
#include "text/suggestion.hpp"

namespace kist::api {
namespace {

/// A patch may remove as many as a secret can have, and set as many.
constexpr std::size_t kMaxEntries = 2 * core::kMaxKeys;

constexpr std::string_view kMembers[] = {"name", "scope", "values", "workspace", "user", "id"};
constexpr std::string_view kValueForms[] = {"a text", R"({"base64": "…"})", "null"};
constexpr std::string_view kBase64 = "base64";

core::InvalidParameter refusal(std::string field, const std::string& fault,
                               std::vector<std::string> allowed) {
  return {fault, core::FieldError{std::move(field), "", std::move(allowed)}};
}

core::InvalidParameter no_object(const std::string& fault) {
  return refusal("body", "the body " + fault, {"a JSON object"});
}

class BodyReader final : public core::JsonEvents {
 public:
  BodyReader(SecretBody& body, std::size_t nodes_max, std::size_t bytes)
      : body_(body), nodes_max_(nodes_max), bytes_(bytes) {}

  void object_begin() override {
    count();
    if (passed_over_ > 0 || (place_ == Place::member && member_.empty())) {
      ++passed_over_;
    } else if (place_ == Place::start) {
      place_ = Place::top;
    } else if (place_ == Place::member && member_ == "values") {
      body_.values.emplace().reserve(0, bytes_);
      place_ = Place::values;
    } else if (place_ == Place::value) {
      place_ = Place::wrapped;
    } else {
      refuse("an object");
    }
  }
  void object_end() override {
    if (passed_over_ > 0) return leave();
    if (place_ == Place::wrapped) refuse("an object");
    place_ = place_ == Place::values || place_ == Place::unwrapped ? outside() : Place::end;
  }
  void array_begin() override {
    count();
    if (passed_over_ > 0 || (place_ == Place::member && member_.empty()))
      ++passed_over_;
    else
      refuse("an array");
  }
  void array_end() override { leave(); }

  void key(std::string_view name) override {
    count();
    if (passed_over_ > 0) return;
    if (place_ == Place::top) {
      begin_member(name);
    } else if (place_ == Place::values) {
      key_.truncate(0);
      key_.append(name);
      place_ = Place::value;
    } else if (place_ == Place::wrapped && name == kBase64) {
      place_ = Place::base64;
    } else {
      refuse("an object");
    }
  }
  void text(std::string_view text) override {
    count();
    if (passed_over_ > 0) return;
    if (place_ == Place::value)
      set(text);
    else if (place_ == Place::base64)
      set_decoded(text);
    else if (place_ == Place::member)
      set_member(text);
    else
      refuse("a text");
    place_ = place_ == Place::base64 ? Place::unwrapped : outside();
  }
  void scalar(core::JsonScalar kind) override {
    count();
    if (passed_over_ > 0) return;
    const bool is_null = kind == core::JsonScalar::null;
    if (place_ == Place::value && is_null)
      remove();
    else if (place_ != Place::member || !(is_null || member_.empty()))
      refuse(is_null ? "null" : kind == core::JsonScalar::boolean ? "a boolean" : "a number");
    place_ = outside();
  }

 private:
  enum class Place {
    start,
    top,        ///< Where the next member is due.
    member,     ///< Behind its name: member_, or "" if it is passed over.
    values,     ///< Where the next key is due.
    value,      ///< Behind key_.
    wrapped,    ///< In the object that a value may be.
    base64,     ///< Behind its key.
    unwrapped,  ///< Behind its value.
    end,
  };

  void count() {
    if (++nodes_ > nodes_max_)
      throw Error(
          ErrorCode::invalid_argument,
          "the body has more than " + std::to_string(nodes_max_) + " values and keys (json_nodes)");
  }
  /// The place around the one that ends.
  Place outside() const {
    return place_ == Place::value || place_ == Place::unwrapped ? Place::values : Place::top;
  }
  void leave() {
    if (--passed_over_ == 0) place_ = Place::top;
  }

  void begin_member(std::string_view name) {
    place_ = Place::member;
    const auto* const found = std::find(std::begin(kMembers), std::end(kMembers), name);
    member_ = {};
    if (found == std::end(kMembers)) return refuse_misspelt(name);
    member_ = *found;
    bool& seen = seen_[static_cast<std::size_t>(found - std::begin(kMembers))];
    if (seen) throw refusal(field(), "the body has '" + field() + "' twice", {});
    seen = true;
  }

  /// Members of other names are passed over, since clients of other versions send them; but a
  /// secret that is made without its 'valeus' is lost.
  static void refuse_misspelt(std::string_view name) {
    const auto meant = core::nearest(name, kMembers);
    if (meant)
      throw refusal(core::printable(name),
                    "the body has no member " + core::in_quotes(name) + "; did you mean " +
                        core::in_quotes(*meant) + "?",
                    {std::string(*meant)});
  }

  void set_member(std::string_view text) {
    if (member_ == "name") body_.name = text;
    if (member_ == "workspace") body_.workspace = text;
    if (member_ == "user") body_.user = text;
    if (member_ == "scope") set_scope(text);
    if (member_ == "id") {
      body_.id = Uuid::parse(text);
      if (!body_.id) throw refusal("id", "the body's 'id' is no UUID", {"a UUID"});
    }
    if (member_ == "values") refuse("a text");
  }
  void set_scope(std::string_view text) {
    for (const Scope scope : {Scope::workspace, Scope::user}) {
      if (text == to_string(scope)) body_.scope = scope;
    }
    if (!body_.scope)
      throw refusal("scope", "the body's 'scope' is none; allowed: workspace, user",
                    {"workspace", "user"});
  }

  std::string_view key() const { return {key_.data(), key_.size()}; }
  void set(std::string_view value) {
    body_.values->set(key(), value);
    check_entry();
  }
  void remove() {
    body_.values->remove(key());
    check_entry();
  }
  void set_decoded(std::string_view text) {
    const auto bytes = core::read_base64(text);
    if (!bytes)
      throw refusal(field(), "the base64 of value " + core::in_quotes(key()) + " is none",
                    {"standard base64 with its padding"});
    set({bytes->data(), bytes->size()});
  }
  void check_entry() {
    if (body_.values->size() != ++entries_)
      throw refusal(field(), "the body has the key " + core::in_quotes(key()) + " twice", {});
    if (entries_ > kMaxEntries)
      throw core::LimitExceeded("the body has more than " + std::to_string(kMaxEntries) +
                                " keys; a secret has " + std::to_string(core::kMaxKeys) +
                                " at most");
  }

  /// Which part of the body is meant: "name", "values.password".
  std::string field() const {
    switch (place_) {
      case Place::value:
      case Place::wrapped:
      case Place::base64:
      case Place::unwrapped:
        return "values." + core::printable(key());
      default:
        return std::string(member_);
    }
  }
  [[noreturn]] void refuse(const std::string& found) const {
    if (place_ == Place::start) throw no_object("is " + found + "; expected a JSON object");
    if (place_ == Place::member) {
      const std::string expected = member_ == "values" ? "an object" : "a text";
      throw refusal(field(), "the body's '" + field() + "' is " + found + "; expected " + expected,
                    {expected});
    }
    throw refusal(field(),
                  "the value of key " + core::in_quotes(key()) + " is " + found +
                      R"(; expected a text, {"base64": "…"} or null)",
                  {std::begin(kValueForms), std::end(kValueForms)});
  }

  SecretBody& body_;
  const std::size_t nodes_max_, bytes_;
  Place place_ = Place::start;
  std::string_view member_;
  detail::SecretBuffer key_;
  std::array<bool, std::size(kMembers)> seen_{};
  std::size_t nodes_ = 0, entries_ = 0, passed_over_ = 0;
};

}  // namespace

SecretBody parse_secret_body(std::string_view json, const core::HttpLimits& limits) {
  if (json.empty()) throw no_object("is empty; expected a JSON object");
  SecretBody body;
  BodyReader reader(body, static_cast<std::size_t>(limits.json_nodes), json.size());
  switch (core::read_json(json, static_cast<std::size_t>(limits.json_depth), reader)) {
    case core::JsonFault::none:
      return body;
    case core::JsonFault::depth:
      throw Error(
          ErrorCode::invalid_argument,
          "the body is nested deeper than " + std::to_string(limits.json_depth) + " (json_depth)");
    case core::JsonFault::syntax:
      break;
  }
  throw no_object("is no JSON (RFC 8259, in UTF-8)");
}

}  // namespace kist::api
