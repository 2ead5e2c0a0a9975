// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "cli/progress.hpp"
#include "cli/secret_arguments.hpp"
#include "cli/secret_transfer.hpp"
#include "cli/secrets_here.hpp"
#include "cli/standard_streams.hpp"
#include "config/private_file.hpp"
#include "text/printable.hpp"

namespace kist::cli {
namespace {

constexpr std::string_view kPageSize = "1000";

/// The secrets of one workspace, those that are named or all.
class Export {
 public:
  Export(Session& session, const Arguments& arguments)
      : session_(session),
        arguments_(arguments),
        place_{arguments.one("workspace"), scope_argument(arguments)},
        secrets_(open_secrets(session)) {}

  std::vector<FiledSecret> take() {
    const std::vector<Uuid> ids = arguments_.words.empty() ? all() : named();
    Progress progress(session_);
    std::vector<FiledSecret> taken;
    for (const Uuid& id : ids) {
      InterruptibleCall call(session_.interrupts, session_.timeout);
      core::ShownSecret shown = secrets_->get(*call, id);
      if (shown.values_hidden)
        throw Error(
            ErrorCode::permission_denied,
            "the values of secret " + core::in_quotes(shown.secret.name) + " are not yours to see");
      taken.push_back(
          {std::move(shown.secret.name), shown.secret.scope, std::move(shown.secret.values)});
      progress.show({taken.size(), ids.size(), {{"exported", taken.size()}}});
    }
    return taken;
  }

 private:
  std::vector<Uuid> named() {
    std::vector<Uuid> ids;
    for (const std::string& name : arguments_.words) {
      InterruptibleCall call(session_.interrupts, session_.timeout);
      ids.push_back(secrets_->find_metadata(*call, name, place_).id);
    }
    return ids;
  }

  std::vector<Uuid> all() {
    std::vector<core::ListParameter> parameters = {{"size", std::string(kPageSize)},
                                                   {"sort_by", "name"}};
    if (place_.scope) parameters.push_back({"scope", std::string(to_string(*place_.scope))});
    std::vector<Uuid> ids;
    for (std::string cursor;;) {
      session_.interrupts.check();
      InterruptibleCall call(session_.interrupts, session_.timeout);
      if (ids.empty())
        parameters.push_back(
            {"workspace_id", secrets_->workspace_id(*call, place_.workspace).to_string()});
      std::vector<core::ListParameter> with_cursor = parameters;
      if (!cursor.empty()) with_cursor.push_back({"cursor", cursor});
      const core::Page page = secrets_->list(*call, with_cursor);
      for (const SecretMetadata& item : page.items) ids.push_back(item.id);
      if (!page.next_cursor) return ids;
      cursor = *page.next_cursor;
    }
  }

  Session& session_;
  const Arguments& arguments_;
  core::SecretPlace place_;
  std::unique_ptr<client::SecretsAccess> secrets_;
};

[[noreturn]] void fail(const std::string& path, int error) {
  const ErrorCode code =
      error == EEXIST ? ErrorCode::already_exists : core::code_of_system_error(error);
  throw Error(code, "cannot write file " + core::in_quotes(path, 4096) + ": " +
                        std::generic_category().message(error));
}

/// All of it and for good, or no file. One that is there already is left as it is.
void write_new_file(const std::string& path, std::string_view text) {
  const core::FileDescriptor file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) fail(path, errno);
  int error = 0;
  while (!text.empty() && error == 0) {
    const ssize_t count = ::write(file.get(), text.data(), text.size());
    if (count >= 0)
      text.remove_prefix(static_cast<std::size_t>(count));
    else if (errno != EINTR)
      error = errno;
  }
  if (error == 0 && ::fsync(file.get()) != 0 && errno != EINVAL) error = errno;
  if (error == 0) return;
  ::unlink(path.c_str());
  fail(path, error);
}

}  // namespace

int export_secrets(Session& session, const Arguments& arguments) {
  const FileFormat& format = format_argument(arguments);
  const auto path = arguments.one("file");
  const std::vector<FiledSecret> secrets = Export(session, arguments).take();
  const detail::SecretBuffer text = format.write(secrets);
  if (path) {
    write_new_file(*path, {text.data(), text.size()});
    const std::size_t count = secrets.size();
    session.notice("exported " + std::to_string(count) + (count == 1 ? " secret" : " secrets") +
                   " to " + core::in_quotes(*path, 4096));
    return 0;
  }
  if (::isatty(STDOUT_FILENO) == 1)
    session.warn(
        "values are shown on this terminal, and may stay in its history; --file keeps "
        "them to yourself");
  write_output({text.data(), text.size()});
  return 0;
}

}  // namespace kist::cli
