// SPDX-License-Identifier: Apache-2.0
#include "store_under_test.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "config/open_options.hpp"
#include "conformance/test_configuration.hpp"
#include "loader/host_call.hpp"
#include "loader/plugin_store.hpp"
#include "process/program_run.hpp"
#include "samples.hpp"
#include "sealed_plugin_store.hpp"

namespace kist::conformance {
namespace {

namespace fs = std::filesystem;

StoreUnderTest& chosen() {
  static StoreUnderTest store;
  return store;
}

const core::HostTable& host_table() {
  static const core::HostTable host([](std::int32_t, std::string_view) {});
  return host;
}

core::Environment environment_of_process() {
  core::Environment environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos)
      environment.set(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

core::TestConfiguration configuration_at(const fs::path& home) {
  const fs::path& file = store_under_test().configuration;
  if (file.empty()) return {};
  return core::read_test_configuration(file, environment_of_process(), home);
}

/// The one that the configuration names, or the only one that there is.
const core::StoreTypeManifest& type_of(const core::Manifest& manifest,
                                       const core::TestConfiguration& configuration) {
  if (!configuration.store && manifest.stores.size() == 1) return manifest.stores.front();
  const std::string type = configuration.store ? configuration.store->type : "";
  const core::StoreTypeManifest* const found = manifest.store(type);
  if (found != nullptr) return *found;
  std::string allowed;
  for (const core::StoreTypeManifest& store : manifest.stores)
    allowed += (allowed.empty() ? "" : ", ") + store.type;
  throw Error(ErrorCode::invalid_argument,
              type.empty() ? "the plugin has several store types; name one in the test "
                             "configuration: " +
                                 allowed
                           : "the plugin has no store type '" + type + "'; it has " + allowed);
}

/// Short, of `a-z 0-9 _` behind its directory, since it may name things in a back-end.
fs::path new_directory() {
  fs::path path;
  do {
    path = fs::temp_directory_path() / ("kist_test_" + random_id().to_hex().substr(0, 12));
  } while (::mkdir(path.c_str(), 0700) != 0 && errno == EEXIST);
  if (!fs::is_directory(path))
    throw std::system_error(errno, std::generic_category(), path.native());
  return path;
}

}  // namespace

void choose_store(fs::path plugin, fs::path configuration, std::uint32_t seed) {
  StoreUnderTest& store = chosen();
  store.plugin = fs::absolute(plugin);
  if (!configuration.empty()) store.configuration = fs::absolute(configuration);
  store.seed = seed;
  const core::TestConfiguration read = configuration_at("/nonexistent/kist_test");
  const core::StoreTypeManifest& manifest = type_of(plugin_under_test()->manifest(), read);
  store.type = manifest.type;
  store.persistent = manifest.has("persistent");
  store.multi_process = store.persistent && read.multi_process;
  store.sealed = read.sealed;
  store.damage_values = read.damage_values;
  StoreHome("/nonexistent/kist_test", Uuid()).options();  // Else each case would say the same.
}

const StoreUnderTest& store_under_test() {
  if (chosen().plugin.empty()) throw std::logic_error("no store was chosen");
  return chosen();
}

std::shared_ptr<const core::PluginImage> plugin_under_test() {
  static const auto image = [] {
    core::PluginFile file = core::copy_plugin_file(store_under_test().plugin);
    return core::PluginImage::load(core::check_plugin(std::move(file), {}), host_table());
  }();
  return image;
}

std::string& inapplicable() {
  static std::string reason;
  return reason;
}

StoreHome::StoreHome() : directory_(new_directory()), deployment_id_(random_id()), is_ours_(true) {}
StoreHome::StoreHome(fs::path directory, const Uuid& deployment_id)
    : directory_(std::move(directory)), deployment_id_(deployment_id), is_ours_(false) {}
StoreHome::~StoreHome() {
  std::error_code ignored;
  if (is_ours_) fs::remove_all(directory_, ignored);
}

std::unique_ptr<SecretsStoreInterface> StoreHome::open_for(const Uuid& deployment_id) const {
  auto store = open_plugin(deployment_id);
  if (!store_under_test().sealed) return store;
  return std::make_unique<SealedPluginStore>(std::move(store), deployment_id);
}

core::CheckedOptions StoreHome::options() const {
  core::StoreSettings settings;
  settings.section = "secrets_store";
  settings.type = store_under_test().type;
  core::TestConfiguration configuration = configuration_at(directory_);
  if (configuration.store) settings = std::move(*configuration.store);
  return core::check_store_options(settings, *plugin_under_test()->manifest().store(settings.type));
}

std::unique_ptr<SecretsStoreInterface> StoreHome::open_plugin(const Uuid& deployment_id) const {
  const core::PluginStore::Settings settings{.deployment_id = deployment_id,
                                             .options = core::open_options(options())};
  core::HostCall call(kPatience);
  return core::PluginStore::open(plugin_under_test(), store_under_test().type, host_table(), call,
                                 settings);
}

void StoreHome::damage_values(const Uuid& id) const {
  core::ProgramRun program(
      {.arguments = store_under_test().damage_values,
       .environment = {std::string(core::kTestHomeVariable) + "=" + directory_.native(),
                       std::string(core::kTestNameVariable) + "=" + directory_.filename().native(),
                       std::string(core::kTestSecretVariable) + "=" + id.to_string()}});
  const int status = program.status();
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    throw std::runtime_error("damage_values did not end with 0: '" +
                             store_under_test().damage_values.front() + "'");
}

}  // namespace kist::conformance
