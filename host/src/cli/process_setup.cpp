// SPDX-License-Identifier: Apache-2.0
#include "cli/process_setup.hpp"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <vector>

#include <kist/error.hpp>

#include "memory/secret_arena.hpp"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define KIST_HOST_IS_SANITIZED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define KIST_HOST_IS_SANITIZED
#endif

namespace kist::cli {
namespace {

/// "secret create NAME": what follows may be a value that lost its key.
constexpr int kPlainWordsShown = 3;

void open_standard_descriptors() {
  int descriptor = 0;
  // open() gives the lowest free number, so each that is closed gets its turn.
  while (descriptor >= 0 && descriptor <= STDERR_FILENO) descriptor = ::open("/dev/null", O_RDWR);
  if (descriptor > STDERR_FILENO) ::close(descriptor);
}

bool chooses_code(std::string_view name) {
  return name.starts_with("LD_") || name == "GCONV_PATH" || name == "LOCPATH" ||
         name == "NLSPATH" || name == "GLIBC_TUNABLES" || name.starts_with("OPENSSL_");
}

/// Gives what it took away.
std::vector<std::string> clean_environment() {
  std::vector<std::string> dropped, variables;
  for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view variable(*entry);
    const std::string_view name = variable.substr(0, variable.find('='));
    if (!chooses_code(name)) continue;
    dropped.emplace_back(name);
    variables.emplace_back(variable);
  }
  for (const std::string& name : dropped) ::unsetenv(name.c_str());
  return variables;
}

void refuse_core_dumps() {
  const struct rlimit none {};
  ::setrlimit(RLIMIT_CORE, &none);
#if !defined(KIST_HOST_IS_SANITIZED)  // The leak checker must be able to look.
  ::prctl(PR_SET_DUMPABLE, 0);
#endif
}

void keep_secrets_in_arena() {
#if !defined(KIST_HOST_IS_SANITIZED)  // It sees an overflow of the heap, and none of the arena.
  core::install_secret_arena();
#endif
}

}  // namespace

Inherited prepare_process() {
  open_standard_descriptors();
  if (::getauxval(AT_SECURE) != 0)
    throw Error(ErrorCode::permission_denied,
                "this program is set-user-id, set-group-id or has file capabilities; expected to "
                "run as its caller");
  Inherited inherited;
  inherited.umask = ::umask(077);
  // What cannot be written is an error of the call, which somebody is told of.
  inherited.ignores_sigpipe = ::signal(SIGPIPE, SIG_IGN) == SIG_IGN;
  inherited.ignores_sigxfsz = ::signal(SIGXFSZ, SIG_IGN) == SIG_IGN;
  inherited.variables = clean_environment();
  refuse_core_dumps();
  keep_secrets_in_arena();
  return inherited;
}

void forget_command_line(int argc, char** argv) {
  int plain_words = 0;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    const std::size_t equals = word.find('=');
    if (equals != std::string_view::npos)
      wipe(argv[i] + equals + 1, word.size() - equals - 1);
    else if (!word.starts_with('-') && ++plain_words > kPlainWordsShown)
      wipe(argv[i], word.size());
  }
}

std::string describe_secret_memory() {
  const core::SecretArena* const arena = core::secret_arena();
  if (arena == nullptr) return "that of all else, in this build";
  const std::string size = std::to_string(arena->heap_bytes >> 10) + " KiB, ";
  if (arena->locked) return size + "locked";
  return size + "which may be written to swap: RLIMIT_MEMLOCK does not allow to lock it";
}

}  // namespace kist::cli
