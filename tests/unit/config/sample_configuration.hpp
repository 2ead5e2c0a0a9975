// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <kist/error.hpp>

#include "config/configuration_reader.hpp"

namespace kist::core::testing {

/// A configuration that lies in no file: /etc/kist/kist.json, read by a host that was started in
/// /srv.
struct SampleConfiguration {
  std::string json;  ///< Empty: there is no file.
  Environment environment = {};
  std::vector<std::string> store_options = {};
  std::vector<std::string> backup_store_options = {};
  std::map<std::string, std::string> files = {};  ///< What `${file:…}` can see.

  Configuration read() const {
    JsonDocument document;
    ConfigurationSources sources;
    if (!json.empty()) {
      document = parse_json_document(json, "kist.json");
      sources.document = &document;
    }
    sources.file_directory = "/etc/kist";
    sources.working_directory = "/srv";
    sources.environment = environment;
    sources.store_options.assign(store_options.begin(), store_options.end());
    sources.backup_store_options.assign(backup_store_options.begin(), backup_store_options.end());
    sources.read_file = [this](const std::filesystem::path& path, std::size_t) {
      const auto found = files.find(path.lexically_normal().native());
      if (found == files.end()) {
        throw Error(ErrorCode::not_found, "cannot use '" + path.native() + "': no such file");
      }
      return SecretValue(found->second);
    };
    return read_configuration(sources);
  }
};

}  // namespace kist::core::testing
