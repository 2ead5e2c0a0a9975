// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "loader/file_descriptor.hpp"

namespace kist::testing {

/// What one run of a program left behind.
struct Ended {
  int exit_code = -1;  ///< -1: a signal ended it.
  int signal = 0;
  std::string out, err;

  boost::json::value json() const;        ///< Of `out`.
  boost::json::value error_json() const;  ///< Of `err`.
};

using Words = std::vector<std::string>;

struct Pipe {
  Pipe();
  core::FileDescriptor read, write;
};

/// What exec() takes; valid while `texts` are.
std::vector<char*> pointers(Words& texts);

/// How `kist` is started. It gets no other environment, and no terminal.
struct Start {
  Words words;
  std::string input = {};
  std::map<std::string, std::string> environment = {};
  std::optional<std::string> output_file = {};  ///< Instead of a pipe.
  std::vector<int> closed = {};                 ///< Descriptors that are closed.
};

/// A command line that is wrong, and what is said of it.
struct Misuse {
  Words words;
  std::string message;  ///< Behind "kist: invalid_argument: ", without the last line end.
};

/// A directory of its own with a kist.json in it, in which `kist` is run.
class Workplace {
 public:
  /// `store` is what kist.json says of it: R"("type": "sqlite", "path": "secrets.db")".
  explicit Workplace(std::string_view store = R"("type": "sqlite", "path": "secrets.db")");
  ~Workplace();
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path write(std::string_view name, std::string_view content,
                              mode_t mode = 0600) const;
  /// kist.json as a whole.
  void configure(std::string_view json) const { write("kist.json", json); }

  Ended run(const Start& start) const;
  Ended kist(const Words& words, std::string_view input = {}) const;
  /// Must succeed; gives what it printed.
  std::string done(const Words& words, std::string_view input = {}) const;
  boost::json::value done_json(Words words, std::string_view input = {}) const;
  /// Each must end in exit code 2, with its message and no more.
  void refuses(const std::vector<Misuse>& lines) const;

 private:
  std::filesystem::path path_;
};

/// A JSON string as one of C++; of all else its JSON text.
std::string text_of(const boost::json::value& value);

std::string read_file(const std::filesystem::path& path);

/// Starts `kist` with these descriptors as 0 to 2; a negative one is closed.
pid_t start_kist(const Start& start, const std::filesystem::path& directory, int in, int out,
                 int err);

}  // namespace kist::testing
