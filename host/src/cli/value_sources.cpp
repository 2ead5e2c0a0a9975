// SPDX-License-Identifier: Apache-2.0
#include "cli/value_sources.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "cli/env_file.hpp"
#include "cli/standard_streams.hpp"
#include "cli/terminal.hpp"
#include "cli/wiped_buffer.hpp"
#include "secrets/validation.hpp"
#include "text/printable.hpp"

namespace kist::cli {

namespace {

constexpr OptionSpec kValueOptions[] = {
    {"from-file", "KEY=PATH", "take the bytes of a file as the value of KEY", true},
    {"from-env-file", "PATH", "take every KEY=VALUE line of a file", true},
};

ErrorCode code_of(int error) {
  if (error == ENOENT || error == ENOTDIR) return ErrorCode::not_found;
  if (error == EACCES || error == EPERM) return ErrorCode::permission_denied;
  return ErrorCode::unavailable;
}

[[noreturn]] void refuse_large(const std::string& source) {
  throw core::LimitExceeded(source + " holds more than " + std::to_string(core::kMaxSecretBytes) +
                            " bytes, which no secret may");
}

}  // namespace

SecretValue read_value_file(const std::string& path, const Interrupts& interrupts) {
  const std::string name = "file " + core::in_quotes(path, 4096);
  const core::FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file) {
    const int error = errno;
    throw Error(code_of(error),
                "cannot read " + name + ": " + std::generic_category().message(error));
  }
  struct stat status {};
  if (::fstat(file.get(), &status) == 0 && S_ISDIR(status.st_mode))
    throw Error(ErrorCode::invalid_argument, "cannot read " + name + ": it is a directory");
  auto content = read_to_end(file.get(), core::kMaxSecretBytes, interrupts);
  if (!content) refuse_large(name);
  return std::move(*content);
}

namespace {

class ValueReader {
 public:
  explicit ValueReader(const Session& session) : session_(session) {}

  /// `number` counts from 1, for messages: the word itself may be a value that lost its key.
  void read_pair(std::string_view pair, std::size_t number) {
    const std::size_t equals = pair.find('=');
    const std::string key(pair.substr(0, equals));
    if (key.empty())
      throw UsageError("argument " + std::to_string(number) +
                       " behind the name has no key; expected KEY=VALUE, KEY=- or KEY");
    if (equals == std::string_view::npos) return ask(key, number);
    if (pair.substr(equals) == "=-") return read_standard_input(key);
    warn_of_command_line();
    set(key, pair.substr(equals + 1));
  }

  void read_key_file(const std::string& pair) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == pair.size())
      throw UsageError("--from-file needs KEY=PATH");
    const SecretValue content = read_value_file(pair.substr(equals + 1), session_.interrupts);
    set(pair.substr(0, equals), content.reveal());
  }

  void read_env(const std::string& path) {
    const SecretValue content = read_value_file(path, session_.interrupts);
    read_env_file(content.reveal(), path, [this](std::string_view key, const SecretValue& value) {
      set(std::string(key), value.reveal());
    });
  }

  SecretPatch take() { return std::move(values_); }

 private:
  void set(const std::string& key, std::string_view value) {
    core::check_key(key);
    for (std::size_t i = 0; i < values_.size(); ++i) {
      if (values_.key(i) == key)
        throw UsageError("key " + core::in_quotes(key) + " is given two values");
    }
    values_.set(key, value);
  }

  void ask(const std::string& key, std::size_t number) {
    if (!standard_input_is_terminal())
      throw UsageError("argument " + std::to_string(number) +
                       " behind the name has no '=', so its value would be asked for, and standard "
                       "input is no terminal; use KEY=- or --from-file KEY=PATH");
    const SecretValue value = ask_for_secret("Value of " + core::in_quotes(key) + ": ",
                                             core::kMaxSecretBytes, session_.interrupts);
    set(key, value.reveal());
  }

  void read_standard_input(const std::string& key) {
    if (standard_input_was_read_)
      throw UsageError("only one key can take its value from standard input");
    standard_input_was_read_ = true;
    const auto value = read_to_end(STDIN_FILENO, core::kMaxSecretBytes, session_.interrupts);
    if (!value) refuse_large("standard input");
    const bool ends_line = value->reveal().empty() || value->reveal().ends_with('\n');
    if (!ends_line && standard_input_is_terminal()) write_error_text("\n");
    set(key, value->reveal());
  }

  void warn_of_command_line() {
    if (warned_) return;
    warned_ = true;
    session_.warn(
        "a value on the command line stays in the shell's history, and others can see it in the "
        "list of processes; KEY, KEY=- and --from-file do not show it");
  }

  const Session& session_;
  SecretPatch values_;
  bool standard_input_was_read_ = false, warned_ = false;
};

}  // namespace

std::span<const OptionSpec> value_options() { return kValueOptions; }

SecretPatch read_values(const Arguments& arguments, const Session& session) {
  ValueReader reader(session);
  for (const std::string& path : arguments.all("from-env-file")) reader.read_env(path);
  for (const std::string& pair : arguments.all("from-file")) reader.read_key_file(pair);
  std::size_t number = 0;
  for (const SecretValue& pair : arguments.secret_words) reader.read_pair(pair.reveal(), ++number);
  return reader.take();
}

}  // namespace kist::cli
