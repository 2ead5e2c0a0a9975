// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <utility>

#include "cli/secret_file.hpp"
#include "cli/yaml_scalar.hpp"
#include "text/base64.hpp"
#include "text/printable.hpp"

namespace kist::cli {
namespace {

constexpr std::string_view kBinary = "!!binary ";

/// Reads what write_yaml() writes, and what people write of the same shape: one list of secrets,
/// with a scalar on the line of its key. All else of YAML is refused, not guessed at.
class YamlFileReader {
 public:
  YamlFileReader(std::string_view text, const std::string& file)
      : text_(text), file_(file), refuse_([this](const std::string& why) { refuse(why); }) {}

  std::vector<FiledSecret> read() {
    while (!text_.empty()) {
      ++number_;
      const std::size_t end = std::min(text_.find('\n'), text_.size());
      read_line(without_end(text_.substr(0, end)));
      text_.remove_prefix(std::min(end + 1, text_.size()));
    }
    if (!began_) refuse("there is no 'secrets:'");
    finish_secret();
    return std::move(secrets_);
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw Error(ErrorCode::invalid_argument,
                core::printable(file_) + ":" + std::to_string(number_) + ": " + why);
  }

  static std::string_view without_end(std::string_view line) {
    while (line.ends_with(' ') || line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }

  void read_line(std::string_view line) {
    const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
    line.remove_prefix(indent);
    if (line.empty() || line.starts_with('#')) return;
    if (line.starts_with('\t')) refuse("a tab stands where YAML has spaces");
    if (!began_) {
      if (line == "---" && indent == 0) return;
      if (indent != 0 || (line != "secrets:" && line != "secrets: []"))
        refuse("expected 'secrets:'");
      began_ = true;
      ended_ = line != "secrets:";
      return;
    }
    if (ended_) refuse("nothing may stand behind 'secrets: []'");
    if (line.starts_with("- ")) return begin_secret(indent, line);
    if (secrets_.empty()) refuse("expected '- name: \"…\"'");
    if (indent == member_indent_) return read_member(line);
    if (!in_values_ || indent <= member_indent_) refuse("this line is not indented as its like");
    if (value_indent_ == 0) value_indent_ = indent;
    if (indent != value_indent_) refuse("this line is not indented as its like");
    read_value(line);
  }

  void begin_secret(std::size_t indent, std::string_view line) {
    finish_secret();
    const std::size_t spaces = line.find_first_not_of(' ', 1);
    if (!secrets_.empty() && indent != item_indent_)
      refuse("this line is not indented as its like");
    item_indent_ = indent;
    member_indent_ = indent + spaces;
    in_values_ = false;
    value_indent_ = 0;
    seen_.clear();
    secrets_.emplace_back();
    read_member(line.substr(spaces));
  }

  void finish_secret() const {
    if (!secrets_.empty() && !seen_.contains("name")) refuse("the secret before has no 'name'");
  }

  void read_member(std::string_view line) {
    const std::size_t colon = std::min(line.find(':'), line.size());
    const std::string key(line.substr(0, colon));
    in_values_ = false;
    if (!seen_.insert(key).second) refuse(core::in_quotes(key) + " stands twice");
    const std::string_view rest = behind_colon(line.substr(colon));
    FiledSecret& secret = secrets_.back();
    if (key == "values") {
      in_values_ = rest.empty();
      if (!in_values_ && rest != "{}") refuse("the values have to stand on lines of their own");
    } else if (key == "name") {
      secret.name = std::string(scalar(rest).reveal());
    } else if (key == "scope") {
      const auto scope = scope_named(scalar(rest).reveal());
      if (!scope) refuse("'scope' has to be \"workspace\" or \"user\"");
      secret.scope = *scope;
    } else {
      refuse("there is no field " + core::in_quotes(key) + "; expected name, scope and values");
    }
  }

  void read_value(std::string_view line) {
    const YamlScalar key = read_yaml_scalar(line, refuse_);
    const std::string name(key.text.reveal());
    std::string_view rest = behind_colon(key.rest);
    const bool binary = rest.starts_with(kBinary);
    if (binary) rest.remove_prefix(kBinary.size());
    SecretValue value = scalar(rest);
    if (binary) {
      auto bytes = core::read_base64(value.reveal());
      if (!bytes) refuse("what stands behind !!binary is no base64");
      value = SecretValue(std::move(*bytes));
    } else if (!core::is_utf8(value.reveal())) {
      refuse("this line is no UTF-8");
    }
    SecretValues& values = secrets_.back().values;
    if (values.find(name)) refuse("key " + core::in_quotes(name) + " stands twice");
    values.set(name, value.reveal());
  }

  std::string_view behind_colon(std::string_view text) const {
    if (!text.starts_with(':')) refuse("there is no ':' behind the key");
    text.remove_prefix(1);
    if (!text.empty() && !text.starts_with(' ')) refuse("there is no blank behind ':'");
    const std::size_t start = std::min(text.find_first_not_of(' '), text.size());
    return text.substr(start);
  }

  /// All of `text`, but for a comment behind it.
  SecretValue scalar(std::string_view text) const {
    YamlScalar found = read_yaml_scalar(text, refuse_);
    const std::size_t start = std::min(found.rest.find_first_not_of(' '), found.rest.size());
    if (start < found.rest.size() && (start == 0 || found.rest[start] != '#'))
      refuse("something stands behind the text");
    return std::move(found.text);
  }

  std::string_view text_;
  const std::string& file_;
  const std::function<void(const std::string&)> refuse_;
  std::size_t number_ = 0;  // Of the line that is read.
  bool began_ = false, ended_ = false, in_values_ = false;
  std::size_t item_indent_ = 0, member_indent_ = 0, value_indent_ = 0;
  std::set<std::string> seen_;  // Fields of the secret that is read.
  std::vector<FiledSecret> secrets_;
};

}  // namespace

detail::SecretBuffer write_yaml(std::span<const FiledSecret> secrets) {
  detail::SecretBuffer text;
  text.append(secrets.empty() ? "secrets: []\n" : "secrets:\n");
  for (const FiledSecret& secret : secrets) {
    text.append("  - name: ");
    append_yaml_text(text, secret.name);
    text.append("\n    scope: ");
    append_yaml_text(text, to_string(secret.scope));
    text.append(secret.values.empty() ? "\n    values: {}\n" : "\n    values:\n");
    for (const SecretValues::Entry entry : secret.values) {
      text.append("      ");
      append_yaml_text(text, entry.key);
      text.append(": ");
      const std::string_view value = entry.value.reveal();
      if (core::is_utf8(value)) {
        append_yaml_text(text, value);
      } else {
        text.append(kBinary);
        text.append("\"");
        core::write_base64(value, text.extend(core::base64_size(value.size()) + 1));
        text.truncate(text.size() - 1);
        text.append("\"");
      }
      text.append("\n");
    }
  }
  return text;
}

std::vector<FiledSecret> read_yaml(std::string_view text, const std::string& file) {
  return YamlFileReader(text, file).read();
}

}  // namespace kist::cli
