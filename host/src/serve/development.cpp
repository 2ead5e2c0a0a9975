// SPDX-License-Identifier: Apache-2.0
#include "serve/development.hpp"

#include <stdlib.h>

#include <cerrno>
#include <string>
#include <system_error>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <kist/error.hpp>

#include "access/token.hpp"
#include "cli/standard_streams.hpp"
#include "config/private_file.hpp"
#include "text/printable.hpp"

namespace kist::serve {
namespace {

constexpr std::string_view kPrincipal = "dev";
constexpr std::size_t kConfigurationBytesMax = 4096;

/// Of this user and in memory, where the system has such a place.
std::filesystem::path new_directory(const core::Environment& environment) {
  const SecretValue* const runtime = environment.find("XDG_RUNTIME_DIR");
  std::string name(runtime != nullptr && !runtime->empty() ? runtime->reveal() : "/tmp");
  name += "/kist-dev.XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) {
    const int error = errno;
    throw Error(core::code_of_system_error(error), "cannot make a directory such as " +
                                                       core::in_quotes(name, 4096) + ": " +
                                                       std::generic_category().message(error));
  }
  return name;
}

std::string configuration_text(const std::string& token_hash) {
  const boost::json::value document = {
      {"secrets_store", {{"type", "sqlite"}, {"path", "secrets.db"}}},
      {"principals",
       boost::json::array{
           {{"name", kPrincipal}, {"token_hash", token_hash}, {"roles", {{"*", "admin"}}}}}}};
  return boost::json::serialize(document);
}

}  // namespace

Development::Development(const core::Environment& environment)
    : directory_(new_directory(environment)), token_(core::new_token()) {
  const std::string hash = core::TokenHash::make(token_.view(), kPrincipal).to_string();
  const core::PrivateFile file{configuration(), "configuration " + configuration().native(),
                               kConfigurationBytesMax};
  core::create_private_file(file, SecretView(configuration_text(hash)));
}

Development::~Development() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void Development::introduce(const std::string& address) const {
  const std::string directory = directory_.native();
  cli::write_output(
      "Kist serves at http://" + address +
      " for development: all of it is gone when it stops.\n\n  export KIST_SERVER=http://" +
      address + "\n  export KIST_TOKEN=");
  cli::write_output(token_.reveal());
  cli::write_output(
      "\n\nThen, from another terminal:\n\n"
      "  kist secret create db user=app password\n"
      "  kist secret get db --key password\n"
      "  curl -H \"Authorization: Bearer $KIST_TOKEN\" $KIST_SERVER/api/v1/secrets\n\n"
      "The store, its keyring and the audit log lie in " +
      directory + ".\n");
}

}  // namespace kist::serve
