// SPDX-License-Identifier: Apache-2.0
// From checked options to a store's configuration struct.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include <doctest/doctest.h>

#include <kist/abi.hpp>
#include <kist/configuration.hpp>

namespace kist {
namespace {

struct Everything : SecretsStoreConfiguration {
  std::string text;
  std::filesystem::path path;
  bool flag = false;
  std::uint16_t port = 1;
  std::chrono::milliseconds timeout{7};
  SecretValue token;
  std::optional<std::string> maybe;

  static constexpr auto fields = kist::fields(
      field<&Everything::text>("text", "A text.").required(),
      field<&Everything::path>("path", "A path."), field<&Everything::flag>("flag", "A flag."),
      field<&Everything::port>("port", "A port."),
      field<&Everything::timeout>("timeout_ms", "A time."),
      field<&Everything::token>("token", "A token."),
      field<&Everything::maybe>("maybe", "May be there."));
};

kist_option option(std::string_view name, std::string_view text) {
  return {abi::bytes(name), abi::bytes(text), KIST_OPTION_STRING, 0};
}

TEST_SUITE("sdk/configuration") {
  TEST_CASE("each kind of option reaches its member, and absent ones leave the struct's own") {
    const kist_option given[] = {option("text", "t"), option("path", "/p"), option("flag", "true"),
                                 option("port", "65535"), option("token", "secret")};
    const auto config = read_configuration<Everything>(given);
    CHECK(config.text == "t");
    CHECK(config.path == "/p");
    CHECK(config.flag);
    CHECK(config.port == 65535);
    CHECK(config.timeout.count() == 7);
    CHECK(config.token.reveal() == "secret");
    CHECK_FALSE(config.maybe.has_value());
  }

  TEST_CASE("a host that does not keep to the manifest gets an error, not a wrong value") {
    const kist_option none[] = {option("other", "x")};
    CHECK_THROWS_WITH_AS(read_configuration<Everything>(none),
                         "the host gave no text for the required option 'text'", Error);
    for (const char* port : {"65536", "-1", "", "12x", " 1"}) {
      const kist_option bad[] = {option("text", "t"), option("port", port)};
      CAPTURE(port);
      CHECK_THROWS_WITH_AS(read_configuration<Everything>(bad),
                           "an integer option does not fit its member", Error);
    }
  }
}

}  // namespace
}  // namespace kist
