// SPDX-License-Identifier: Apache-2.0
#include "serve/certificate_files.hpp"

#include <sys/stat.h>

#include <utility>

namespace kist::serve {

void CertificateFiles::watch(const std::optional<core::TlsSettings>& settings) {
  files_.clear();
  if (settings) {
    files_ = {settings->certificate, settings->key};
    if (settings->client_ca) files_.push_back(*settings->client_ca);
  }
  seen_ = look();
}

bool CertificateFiles::have_changed() {
  Look now = look();
  if (now == seen_) return false;
  seen_ = std::move(now);
  return true;
}

CertificateFiles::Look CertificateFiles::look() const {
  Look result;
  for (const std::filesystem::path& file : files_) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0) status = {};
    result.push_back({status.st_dev, status.st_ino, static_cast<std::uint64_t>(status.st_size),
                      static_cast<std::uint64_t>(status.st_mtim.tv_sec),
                      static_cast<std::uint64_t>(status.st_mtim.tv_nsec)});
  }
  return result;
}

}  // namespace kist::serve
