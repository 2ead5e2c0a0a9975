// SPDX-License-Identifier: Apache-2.0
#include "serve/certificate_files.hpp"

#include <filesystem>
#include <optional>

#include <doctest/doctest.h>

#include "../config/temporary_directory.hpp"

using kist::core::TlsSettings;
using kist::serve::CertificateFiles;

TEST_SUITE("serve/certificate_files") {
  TEST_CASE("a file that was replaced, written to or removed is a change, once") {
    const kist::core::testing::TemporaryDirectory directory;
    const TlsSettings settings{directory.write("tls.crt", "one"), directory.write("tls.key", "k"),
                               directory.write("ca.crt", "ca")};
    CertificateFiles files;
    files.watch(settings);
    CHECK(!files.have_changed());

    std::filesystem::rename(directory.write("new.crt", "two"), settings.certificate);
    CHECK(files.have_changed());
    CHECK(!files.have_changed());

    directory.write("tls.key", "longer");
    CHECK(files.have_changed());
    CHECK(!files.have_changed());

    std::filesystem::remove(*settings.client_ca);
    CHECK(files.have_changed());
    CHECK(!files.have_changed());
  }

  TEST_CASE("without TLS nothing changes, and other files do not count") {
    const kist::core::testing::TemporaryDirectory directory;
    CertificateFiles files;
    CHECK(!files.have_changed());
    files.watch(TlsSettings{directory.write("a", ""), directory.write("b", ""), std::nullopt});
    directory.write("c", "");
    CHECK(!files.have_changed());
    files.watch(std::nullopt);
    std::filesystem::remove(directory.path() / "a");
    CHECK(!files.have_changed());
  }
}
