// SPDX-License-Identifier: Apache-2.0
#include "cli/plugin_template.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <doctest/doctest.h>

#include <kist/error.hpp>

#include "../config/temporary_directory.hpp"

namespace {

namespace fs = std::filesystem;
using namespace kist::cli;

const PluginNames kNames{.name = "dir_store",
                         .id = "com.acme.dir",
                         .vendor = "a sample of Apache-2.0",
                         .license = "MIT",
                         .directory = "/home/me/dir"};

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace

TEST_SUITE("host/cli/plugin_template") {
  TEST_CASE("the names of a new plugin take the place of the template's, once") {
    CHECK(with_names("sample.so Sample_t SampleStore SAMPLE_H", kNames) ==
          "dir_store.so DirStore_t DirStoreStore DIR_STORE_H");
    CHECK(with_names("org.example.sample at /path/of/sample/build", kNames) ==
          "com.acme.dir at /home/me/dir/build");
    CHECK(with_names("by Example Vendor, Apache-2.0", kNames) == "by a sample of Apache-2.0, MIT");
    CHECK(with_names("example samp", kNames) == "example samp");
    CHECK(with_names("", kNames).empty());
  }

  TEST_CASE("a project is written with every file of the template, under the new names") {
    const kist::core::testing::TemporaryDirectory home;
    write(home.path() / "from/sample.txt", "sample");
    write(home.path() / "from/src/.sample", std::string("SAMPLE\0\xff", 8));
    PluginNames names = kNames;
    names.directory = home.path() / "deep/project";
    const auto files = write_plugin_project(home.path() / "from", names);
    CHECK(files == std::vector<fs::path>{"dir_store.txt", "src/.dir_store"});
    CHECK(read(names.directory / "dir_store.txt") == "dir_store");
    CHECK(read(names.directory / "src/.dir_store") == std::string("DIR_STORE\0\xff", 11));
    try {
      write_plugin_project(home.path() / "from", names);
      FAIL("it wrote over what was there");
    } catch (const kist::Error& error) {
      CHECK(error.code == kist::ErrorCode::already_exists);
    }
  }
}
