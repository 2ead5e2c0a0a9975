// SPDX-License-Identifier: Apache-2.0
#include "canary_sweep.hpp"

#include <fcntl.h>

#include <algorithm>

#include <doctest/doctest.h>

#include "text/hex.hpp"

namespace kist::testing {
namespace {

namespace fs = std::filesystem;

core::FileDescriptor opened(const fs::path& path, int flags) {
  core::FileDescriptor file(::open(path.c_str(), flags | O_CLOEXEC, 0600));
  REQUIRE(file);
  return file;
}

}  // namespace

Sweep::Sweep() {
  if (!may_observe())
    MESSAGE("memory is not searched: it takes root, and a build without a sanitizer");
  for (const char* const name : {"work", "home", "tmp", "given", "streams"})
    fs::create_directory(place_.path() / name);
  environment = {{"HOME", (place_.path() / "home").native()},
                 {"TMPDIR", (place_.path() / "tmp").native()},
                 {"PATH", "/usr/bin:/bin"}};
}

std::string Sweep::canary(const std::string& kind, std::size_t size) {
  const Canary made = new_canary(kind, size);
  look_for(made);
  return made.bytes;
}

fs::path Sweep::give(std::string_view name, std::string_view content, mode_t mode) {
  return place_.write("given/" + std::string(name), content, mode);
}

fs::path Sweep::given(std::string_view name) const { return place_.path() / "given" / name; }

void Sweep::configure(const std::string& sections) {
  std::string directories;
  for (const std::string& directory :
       {std::string(KIST_PLUGIN_DIRECTORY), KIST_TEST_PLUGINS + std::string("/gate"),
        KIST_TEST_PLUGINS + std::string("/broken/log_reveals"),
        KIST_TEST_PLUGINS + std::string("/broken/message_reveals_value")})
    directories += (directories.empty() ? "\"" : ", \"") + directory + "\"";
  give("kist.json", "{\"plugins\": {\"directories\": [" + directories + "]}, " + sections + "}");
}

Words Sweep::line(const Words& words) const {
  Words all = {KIST_PROGRAM, "--verbose"};
  if (names_configuration && std::ranges::find(words, "--config") == words.end())
    all.insert(all.end(), {"--config", given("kist.json").native()});
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

std::map<std::string, std::string> Sweep::variables(const Start& start) const {
  std::map<std::string, std::string> all = environment;
  for (const auto& [name, value] : start.environment) all[name] = value;
  return all;
}

Ended Sweep::run(const Start& start, int exit_code, const Expected& expected, Memory memory) {
  const fs::path streams = place_.path() / "streams";
  place_.write("streams/in", start.input);
  Ended ended;
  Findings findings;
  {
    const core::FileDescriptor in = opened(streams / "in", O_RDONLY),
                               out = opened(streams / "out", O_WRONLY | O_CREAT | O_TRUNC),
                               err = opened(streams / "err", O_WRONLY | O_CREAT | O_TRUNC);
    const auto open = [&](int number, const core::FileDescriptor& file) {
      return std::ranges::find(start.closed, number) == start.closed.end() ? file.get() : -1;
    };
    ObservedProcess process(line(start.words), variables(start), work(), open(0, in), open(1, out),
                            open(2, err));
    if (process.wait_for_last_stop() && memory == Memory::searched)
      findings = search_process(search_, process.id());
    ended.exit_code = process.wait_for_end();
  }
  ended.out = read_file(streams / "out");
  ended.err = read_file(streams / "err");
  findings.merge(search_text(search_, ended.out, "standard output"));
  findings.merge(search_text(search_, ended.err, "standard error"));
  for (const char* const name : {"work", "home", "tmp"})
    findings.merge(search_files(search_, place_.path() / name));
  std::string words;
  for (const std::string& word : start.words) words += " " + word;
  INFO("kist" << words << "\n" << ended.err);
  CHECK(ended.exit_code == exit_code);
  check_findings(findings, expected);
  return ended;
}

SqliteSweep::SqliteSweep() {
  give("keyring", "k1 " + core::to_hex(kek) + "\n");
  configure(store() + R"(, "sealing": {"keyring": ")" + given("keyring").native() + "\"}");
}

std::string SqliteSweep::store() const {
  return R"("secrets_store": {"type": "sqlite", "trace_calls": true, "path": ")" +
         database().native() + "\"}";
}

void check_findings(const Findings& found, const Sweep::Expected& expected) {
  for (const auto& entry : found) {
    const Finding& finding = entry.first;
    INFO(finding.kind << " was found in " << finding.place << ": " << entry.second);
    CHECK(expected.contains(finding));
  }
  for (const Finding& finding : expected) {
    const bool is_in_process = finding.place == kDumpedMemory || finding.place == kUndumpedMemory ||
                               finding.place == "environ";
    if (is_in_process && !may_observe()) continue;
    INFO(finding.kind << " should have been found in " << finding.place);
    CHECK(found.contains(finding));
  }
}

}  // namespace kist::testing
