// SPDX-License-Identifier: Apache-2.0
#include "sealing/key_source.hpp"

#include <algorithm>
#include <utility>

#include <kist/error.hpp>

#include "config/private_file.hpp"
#include "sealing/keyring_text.hpp"
#include "sealing/local_key.hpp"
#include "sealing/pkcs11_key.hpp"
#include "text/printable.hpp"

namespace kist::core {
namespace {

Error failure(const std::string& why) { return {ErrorCode::failed_precondition, why}; }

/// Gets the text that a key is in. Errors name the source.
class TextReader {
 public:
  TextReader(const Environment& environment, std::chrono::milliseconds command_deadline)
      : environment_(environment), command_deadline_(command_deadline) {}

  SecretValue operator()(const KeyFile& file) const {
    return read({file.path, describe(KeySource(file)), kMaxKeyringBytes});
  }

  SecretValue operator()(const KeyVariable& variable) const {
    const SecretValue* const text = environment_.find_secret(variable.name);
    if (text == nullptr) throw failure(describe(KeySource(variable)) + " is not set");
    return text->clone();
  }

  SecretValue operator()(const KeyCommand& command) const {
    try {
      return run_key_command(command.arguments, kMaxKeyringBytes, command_deadline_);
    } catch (const Error& error) {
      throw Error(error.code, describe(KeySource(command)) + " " + std::string(error.message()));
    }
  }

  SecretValue operator()(const KeyCredential& credential) const {
    const std::string name = describe(KeySource(credential));
    const SecretValue* const directory = environment_.find("CREDENTIALS_DIRECTORY");
    const bool is_set = directory != nullptr && !directory->empty();
    if (!is_set || !directory->reveal().starts_with('/'))
      throw failure(name + " cannot be had: CREDENTIALS_DIRECTORY is " +
                    (is_set ? "no absolute path" : "not set") +
                    "; run this host as a service of systemd with LoadCredential= or "
                    "LoadCredentialEncrypted=");
    // Where the service's user is not root, systemd gives it a right of its own to a file of root
    // with mode 0400, which stat() shows as a right of the group (systemd 252, write_credential()).
    const std::filesystem::path path = std::filesystem::path(directory->reveal()) / credential.name;
    return read({path, name + " (" + path.native() + ")", kMaxKeyringBytes, 0440});
  }

  SecretValue operator()(const Pkcs11Settings&) const { return {}; }  // Shows no text.

 private:
  static SecretValue read(const PrivateFile& file) {
    std::optional<SecretValue> text = read_private_file(file);
    if (!text) throw failure(file.name + " does not exist");
    return std::move(*text);
  }

  const Environment& environment_;
  const std::chrono::milliseconds command_deadline_;
};

/// The line with the id, or the only line if that has none.
SecretValue key_in(std::vector<KeyLine> keys, const std::string& id, const std::string& source) {
  if (keys.empty()) throw failure(source + " has no key");
  if (!keys.front().id) return std::move(keys.front().key);
  const auto found = std::ranges::find(keys, id, &KeyLine::id);
  if (found == keys.end())
    throw failure(source + " has keys, and none with the id " + in_quotes(id));
  return std::move(found->key);
}

}  // namespace

std::string describe(const KeySource& source) {
  struct Describer {
    std::string operator()(const KeyFile& file) const {
      return "file " + in_quotes(file.path.native(), 4096);
    }
    std::string operator()(const KeyVariable& variable) const {
      return "environment variable " + in_quotes(variable.name);
    }
    std::string operator()(const KeyCommand& command) const {
      return "command " + in_quotes(command.arguments.front(), 4096);
    }
    std::string operator()(const KeyCredential& credential) const {
      return "credential " + in_quotes(credential.name);
    }
    std::string operator()(const Pkcs11Settings& settings) const { return describe(settings); }
  };
  return std::visit(Describer(), source);
}

KeyringKey obtain_key(const SealingKeySettings& settings, const Environment& environment,
                      std::chrono::milliseconds command_deadline) {
  KeyringKey key{settings.id, describe(settings.source), nullptr};
  try {
    if (const auto* const pkcs11 = std::get_if<Pkcs11Settings>(&settings.source)) {
      key.kek = std::make_unique<Pkcs11Key>(
          Pkcs11Settings{pkcs11->module, pkcs11->token, pkcs11->label, pkcs11->pin.clone()});
      return key;
    }
    const SecretValue text = std::visit(TextReader(environment, command_deadline), settings.source);
    SecretValue bytes = key_in(parse_keyring(text.view(), key.source), key.id, key.source);
    key.fingerprint = fingerprint_of(bytes.view());
    key.kek = std::make_unique<LocalKey>(std::move(bytes));
  } catch (const Error& error) {
    key.problem = error.message();
  }
  return key;
}

}  // namespace kist::core
