// SPDX-License-Identifier: Apache-2.0
// A store in a directory, for one machine: any number of hosts may share it.
//
//   <root>/<deployment>/lock                    held by the one who writes
//   <root>/<deployment>/next                    the record that is being written
//   <root>/<deployment>/records/<id>            one secret each
//   <root>/<deployment>/names/<hash>/<id>       a hint: this record may have a name with this hash
//
// A record comes into being, changes and goes by one rename() or unlink(), so that a reader needs
// no lock and a crash leaves the old record or the new one. The record is the truth about its name:
// a hint is made before it is needed, dropped after, and counts for nothing without its record.

#include <dirent.h>
#include <poll.h>
#include <sys/file.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <utility>
#include <vector>

#include "record_file.hpp"

namespace {

namespace fs = std::filesystem;
using kist::WriteResult;

struct SampleConfig : kist::SecretsStoreConfiguration {
  fs::path root;

  static constexpr auto fields = kist::fields(
      kist::field<&SampleConfig::root>("root", "Directory that holds one file per secret.")
          .required());
};

/// Makes the names in a directory durable, if it can.
bool sync_directory(const fs::path& path) {
  const sample_store::File directory(path, O_RDONLY | O_DIRECTORY);
  return directory.is_open() && ::fsync(directory.descriptor()) == 0;
}

void make_directory(const fs::path& path) {
  if (::mkdir(path.c_str(), 0700) != 0) {
    if (errno != EEXIST) throw sample_store::failure("make the directory", path);
  } else if (!sync_directory(path.parent_path())) {
    throw sample_store::failure("sync", path.parent_path());
  }
}

/// The ids that name the files of a directory; none, if there is no such directory. By readdir():
/// fs::directory_iterator ends the process when it runs out of memory.
std::vector<kist::Uuid> ids_in(const fs::path& path) {
  std::vector<kist::Uuid> ids;
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), ::closedir);
  if (!directory) {
    if (errno == ENOENT) return ids;
    throw sample_store::failure("list", path);
  }
  errno = 0;
  while (const dirent* const entry = ::readdir(directory.get())) {
    if (const auto id = kist::Uuid::parse(entry->d_name)) ids.push_back(*id);
    errno = 0;
  }
  if (errno != 0) throw sample_store::failure("list", path);
  return ids;
}

/// Keeps all others from writing, threads and processes alike: flock() goes by open file, and each
/// holder opens it anew.
class WriteLock {
 public:
  WriteLock(kist::Call& call, const fs::path& path) : file_(path, O_RDWR | O_CREAT) {
    if (!file_.is_open()) throw sample_store::failure("open", path);
    call.check();
    while (::flock(file_.descriptor(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK && errno != EINTR) throw sample_store::failure("lock", path);
      pollfd cancelled{call.cancel_fd(), POLLIN, 0};
      ::poll(&cancelled, 1, kRetryMs);
      call.check();
    }
  }

 private:
  static constexpr int kRetryMs = 1;  // flock() itself knows no deadline.

  sample_store::File file_;
};

class SampleStore final : public kist::RecordStore<SampleConfig> {
 public:
  static constexpr auto TYPE = kist::SecretsStoreType::custom;
  using CONFIG_TYPE = SampleConfig;
  static constexpr auto THREADING = kist::Threading::concurrent;
  static constexpr kist::Capabilities CAPABILITIES{
      .persistent = true, .if_revision = true, .local = true};

  void initialize(kist::Call& call) override {
    call.check();
    home_ = config().root / deployment_id().to_string();
    records_ = home_ / "records";
    for (const fs::path& path : {config().root, home_, records_, home_ / "names"}) {
      make_directory(path);
    }
  }

  WriteResult insert(kist::Call& call, const kist::Secret& record) override {
    const WriteLock lock(call, home_ / "lock");
    if (find(record.id)) return WriteResult::id_taken;
    if (is_name_taken(record)) return WriteResult::name_taken;
    add_hint(record);
    put(record);
    return WriteResult::done;
  }

  std::optional<kist::Secret> load(kist::Call& call, const kist::Uuid& id) override {
    call.check();
    sample_store::RecordReader reader(record_path(id), id);
    if (!reader.is_there()) return std::nullopt;
    kist::Secret secret{reader.metadata(), {}};
    if (secret.readable) {
      if (auto values = reader.values()) {
        secret.values = std::move(*values);
        return secret;
      }
    }
    throw corrupt(id);
  }

  std::optional<kist::SecretMetadata> load_metadata(kist::Call& call,
                                                    const kist::Uuid& id) override {
    call.check();
    const auto found = find(id);
    if (found && !found->readable) throw corrupt(id);
    return found;
  }

  WriteResult replace(kist::Call& call, const kist::Secret& record,
                      std::uint64_t expected_revision) override {
    const WriteLock lock(call, home_ / "lock");
    const auto found = find(record.id);
    if (!found) return WriteResult::absent;
    if (found->revision != expected_revision) return WriteResult::changed;
    if (is_name_taken(record)) return WriteResult::name_taken;
    add_hint(record);
    const Hint old(hint_path(*found));
    const bool is_renamed = old.path != hint_path(record);
    put(record);
    if (is_renamed) old.drop();
    return WriteResult::done;
  }

  WriteResult erase(kist::Call& call, const kist::Uuid& id,
                    std::optional<std::uint64_t> expected_revision) override {
    const WriteLock lock(call, home_ / "lock");
    const auto found = find(id);
    if (!found) return WriteResult::absent;
    if (expected_revision && (!found->readable || found->revision != *expected_revision))
      return WriteResult::changed;
    const Hint old(found->readable ? hint_path(*found) : fs::path());
    const fs::path path = record_path(id);
    const sample_store::File records(records_, O_RDONLY | O_DIRECTORY);
    if (::unlink(path.c_str()) != 0) throw sample_store::failure("remove", path);
    settle(records);
    if (found->readable) old.drop();
    return WriteResult::done;
  }

  void scan(kist::Call& call,
            const std::function<bool(const kist::SecretMetadata&)>& visit) override {
    for (const kist::Uuid& id : record_ids(call)) {
      call.check();
      const auto found = find(id);  // Nothing, if it was deleted meanwhile.
      if (found && !visit(*found)) return;
    }
  }

 private:
  fs::path record_path(const kist::Uuid& id) const { return records_ / id.to_string(); }

  /// A name may be longer than a file's, so its hash stands for it; two names may share one.
  fs::path hint_path(const kist::SecretMetadata& record) const {
    const std::string name = kist::unique_name(record);
    sample_store::Checksum hash;
    hash.add(name.data(), name.size());
    char digits[17];
    std::snprintf(digits, sizeof(digits), "%016jx", std::uintmax_t{hash.get()});
    return home_ / "names" / digits / record.id.to_string();
  }

  std::optional<kist::SecretMetadata> find(const kist::Uuid& id) const {
    sample_store::RecordReader reader(record_path(id), id);
    if (!reader.is_there()) return std::nullopt;
    return reader.metadata();
  }

  bool is_name_taken(const kist::SecretMetadata& record) const {
    for (const kist::Uuid& id : ids_in(hint_path(record).parent_path())) {
      const auto holder = id == record.id ? std::nullopt : find(id);
      if (holder && holder->readable && kist::unique_name(*holder) == kist::unique_name(record))
        return true;
    }
    return false;
  }

  void add_hint(const kist::SecretMetadata& record) const {
    const fs::path path = hint_path(record);
    make_directory(path.parent_path());
    const sample_store::File hint(path, O_WRONLY | O_CREAT);
    if (!hint.is_open()) throw sample_store::failure("create", path);
    if (!sync_directory(path.parent_path()))
      throw sample_store::failure("sync", path.parent_path());
  }

  /// One that is known before the change that makes it needless: behind a change nothing may fail
  /// any more, not even an allocation, or it would be told as not done.
  struct Hint {
    explicit Hint(fs::path hint) : path(std::move(hint)), directory(path.parent_path()) {}
    void drop() const {
      ::unlink(path.c_str());
      ::rmdir(directory.c_str());  // Fails while another record's hint is in it.
    }
    fs::path path, directory;
  };

  /// All of the new record is on disk before it gets its name there.
  void put(const kist::Secret& record) const {
    const fs::path next = home_ / "next", path = record_path(record.id);
    const sample_store::File records(records_, O_RDONLY | O_DIRECTORY);
    sample_store::write_record(next, record);
    if (std::rename(next.c_str(), path.c_str()) != 0) throw sample_store::failure("write", path);
    settle(records);
  }

  /// The change is there for all to see; whether a crash will undo it must be known (ST-20).
  /// `records` was opened before the change.
  void settle(const sample_store::File& records) const {
    if (!records.is_open() || ::fsync(records.descriptor()) != 0) {
      throw kist::Error(kist::ErrorCode::indeterminate,
                        sample_store::failure("sync", records_).what());
    }
  }

  /// A directory that is written to meanwhile may list a file twice or not at all.
  std::vector<kist::Uuid> record_ids(kist::Call& call) const {
    const WriteLock lock(call, home_ / "lock");
    return ids_in(records_);
  }

  static kist::Error corrupt(const kist::Uuid& id) {
    return {kist::ErrorCode::corrupt,
            "sample: the record of secret " + id.to_string() + " failed its check"};
  }

  fs::path home_, records_;  // <root>/<deployment>, and its records
};

}  // namespace

KIST_PLUGIN(SampleStore, {.id = "org.example.sample",
                          .version = "1.0.0",
                          .type = "sample",
                          .summary = "Keeps each secret in a file of its own.",
                          .vendor = "Example Vendor",
                          .license = "Apache-2.0"});
