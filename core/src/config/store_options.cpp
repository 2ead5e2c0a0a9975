// SPDX-License-Identifier: Apache-2.0
#include "config/store_options.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <utility>

#include <kist/error.hpp>

#include "text/printable.hpp"
#include "text/suggestion.hpp"

namespace kist::core {
namespace {

constexpr std::array<std::string_view, 4> kTrueWords = {"true", "1", "yes", "on"};
constexpr std::array<std::string_view, 4> kFalseWords = {"false", "0", "no", "off"};

/// An option that is the host's, and of every store; no manifest may declare it.
constexpr std::string_view kTraceCalls = "trace_calls";

const OptionSchema& trace_calls_schema() {
  static const OptionSchema kSchema = [] {
    OptionSchema schema;
    schema.name = kTraceCalls;
    schema.kind = OptionKind::boolean;
    return schema;
  }();
  return kSchema;
}

bool is_one_of(std::string_view text, std::span<const std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

std::string_view describe(OptionForm form) {
  switch (form) {
    case OptionForm::text:
      return "a text";
    case OptionForm::json_string:
      return "a string";
    case OptionForm::json_integer:
      return "a whole number";
    case OptionForm::json_boolean:
      return "a boolean";
  }
  return "a value";
}

/// One option on its way through the checks.
class OptionCheck {
 public:
  OptionCheck(const StoreSettings& settings, const StoreTypeManifest& manifest,
              const OptionSchema& schema, const StoreOption& option)
      : settings_(settings), manifest_(manifest), schema_(schema), option_(option) {}

  SecretValue run() const {
    switch (schema_.kind) {
      case OptionKind::integer:
        return integer();
      case OptionKind::boolean:
        return boolean();
      case OptionKind::path:
        return path();
      case OptionKind::string:
        break;
    }
    return string();
  }

 private:
  std::string_view text() const { return option_.text.reveal(); }

  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(ErrorCode::invalid_argument, option_.origin.place + ": the option '" +
                                                 schema_.name + "' of store type '" +
                                                 manifest_.type + "' " + what);
  }

  /// ", found 'x'", or nothing where that might show a secret.
  std::string found() const {
    if (schema_.secret || option_.origin.interpolated()) return {};
    if (option_.form == OptionForm::json_string) return ", found the string " + in_quotes(text());
    return option_.form == OptionForm::text ? ", found " + in_quotes(text())
                                            : ", found " + std::string(text());
  }

  void expect(OptionForm form, const std::string& expected) const {
    if (option_.form == OptionForm::text || option_.form == form) return;
    refuse("must be " + expected + ", found " + std::string(describe(option_.form)));
  }

  std::string range() const {
    if (schema_.min && schema_.max) {
      return " from " + std::to_string(*schema_.min) + " to " + std::to_string(*schema_.max);
    }
    if (schema_.min) return " of at least " + std::to_string(*schema_.min);
    return schema_.max ? " of at most " + std::to_string(*schema_.max) : "";
  }

  SecretValue integer() const {
    const std::string expected = "a whole number" + range();
    expect(OptionForm::json_integer, expected);
    std::int64_t value = 0;
    const char* const end = text().data() + text().size();
    const auto [stop, error] = std::from_chars(text().data(), end, value);
    if (text().empty() || error != std::errc() || stop != end ||
        (schema_.min && value < *schema_.min) || (schema_.max && value > *schema_.max)) {
      refuse("must be " + expected + found());
    }
    return SecretValue(std::to_string(value));
  }

  SecretValue boolean() const {
    expect(OptionForm::json_boolean, "true or false");
    if (is_one_of(text(), kTrueWords)) return SecretValue("true");
    if (is_one_of(text(), kFalseWords)) return SecretValue("false");
    refuse("must be one of true, 1, yes, on, or of false, 0, no, off" + found());
  }

  SecretValue string() const {
    expect(OptionForm::json_string, "a string");
    refuse_nul();
    if (schema_.choices.empty()) return option_.text.clone();
    const std::vector<std::string_view> choices(schema_.choices.begin(), schema_.choices.end());
    if (is_one_of(text(), choices)) return option_.text.clone();
    const bool hidden = schema_.secret || option_.origin.interpolated();
    refuse("has an unknown value" +
           (hidden ? ". Allowed: " + joined(choices)
                   : " " + in_quotes(text()) + allowed_words(text(), choices)));
  }

  SecretValue path() const {
    expect(OptionForm::json_string, "a path");
    if (text().empty()) refuse("must be a path, found an empty text");
    refuse_nul();
    const bool in_file = option_.origin.source == Origin::Source::file;
    const auto& directory = in_file ? settings_.file_directory : settings_.working_directory;
    return SecretValue((directory / std::filesystem::path(text())).lexically_normal().native());
  }

  void refuse_nul() const {
    if (text().find('\0') != std::string_view::npos) refuse("must not hold a NUL character");
  }

  const StoreSettings& settings_;
  const StoreTypeManifest& manifest_;
  const OptionSchema& schema_;
  const StoreOption& option_;
};

void refuse_unknown(const StoreSettings& settings, const StoreTypeManifest& manifest) {
  std::vector<std::string_view> names;
  for (const OptionSchema& schema : manifest.options) names.push_back(schema.name);
  names.push_back(kTraceCalls);
  for (const StoreOption& option : settings.options) {
    if (is_one_of(option.name, names)) continue;
    throw Error(ErrorCode::invalid_argument,
                option.origin.place + ": unknown option " + in_quotes(option.name) +
                    " of store type '" + manifest.type + "'" + allowed_words(option.name, names));
  }
}

[[noreturn]] void refuse_missing(const StoreSettings& settings, const StoreTypeManifest& manifest,
                                 const OptionSchema& schema) {
  throw Error(ErrorCode::invalid_argument, settings.type_origin.place + ": the store type '" +
                                               manifest.type + "' needs the option '" +
                                               schema.name + "': give it beside 'type', or as " +
                                               settings.variable_of(schema.name));
}

}  // namespace

const CheckedOption* CheckedOptions::find(std::string_view name) const {
  const auto found = std::find_if(options.begin(), options.end(),
                                  [&](const CheckedOption& option) { return option.name == name; });
  return found == options.end() ? nullptr : &*found;
}

CheckedOptions check_store_options(const StoreSettings& settings,
                                   const StoreTypeManifest& manifest) {
  refuse_unknown(settings, manifest);
  CheckedOptions checked;
  checked.section = settings.section;
  checked.type = settings.type;
  if (const StoreOption* const option = settings.option(kTraceCalls)) {
    checked.trace_calls =
        OptionCheck(settings, manifest, trace_calls_schema(), *option).run().reveal() == "true";
    checked.trace_calls_origin = option->origin;
  }
  for (const OptionSchema& schema : manifest.options) {
    const StoreOption* option = settings.option(schema.name);
    StoreOption by_default;
    if (option == nullptr) {
      if (schema.required) refuse_missing(settings, manifest, schema);
      if (!schema.default_text) continue;
      by_default = {schema.name, OptionForm::text, SecretValue(*schema.default_text), {}};
      option = &by_default;
    }
    SecretValue text = OptionCheck(settings, manifest, schema, *option).run();
    if (schema.secret && option->origin.source == Origin::Source::command_line) {
      checked.warnings.push_back("the secret option '" + schema.name + "' of '" + settings.section +
                                 "' is given on the command line, which others on this machine can "
                                 "see; use a variable or a file instead");
    }
    checked.options.push_back(
        {schema.name, schema.kind, schema.secret, std::move(text), option->origin});
  }
  return checked;
}

}  // namespace kist::core
