#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing to build and test Kist (Debian 12). The one list of packages: quickstart.sh, tests/run.sh
# and CI start here. When nothing is missing it changes nothing, and needs no root.
set -euo pipefail

build=(
  cmake ninja-build g++-12 curl
  libboost1.81-dev libboost-json1.81-dev libboost-program-options1.81-dev
  libssl-dev libsqlite3-dev libp11-kit-dev libspdlog-dev prometheus-cpp-dev doctest-dev
)
tests=(
  clang-14 clang-format-14 libclang-rt-14-dev libbenchmark-dev softhsm2 openssl python3 python3-cryptography
  dpkg-dev pkg-config g++-mingw-w64-x86-64-posix abigail-tools
  libc++-14-dev libc++abi-14-dev
)
bench=(wrk nginx-light)
command -v cargo > /dev/null || tests+=(cargo)  # The template in Rust; any toolchain since 1.63 does.

usage() {
  echo "usage: .ci/prerequisites.sh [build | bench]"
  echo "Installs the Debian packages that building and testing Kist needs; with 'build', only those for building,"
  echo "with 'bench', those that tests/bench needs on top."
}

case "${1:-all}" in
  build) wanted=("${build[@]}") ;;
  bench) wanted=("${build[@]}" "${tests[@]}" "${bench[@]}") ;;
  all) wanted=("${build[@]}" "${tests[@]}") ;;
  -h | --help) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
esac

if ! command -v dpkg-query > /dev/null; then
  echo "prerequisites: this is no Debian; install what stands for: ${wanted[*]}" >&2
  exit 0
fi

missing=()
for package in "${wanted[@]}"; do
  state=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2> /dev/null || true)
  [ "$state" = installed ] || missing+=("$package")
done
[ "${#missing[@]}" -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo > /dev/null; then
    echo "prerequisites: missing, and neither root nor sudo is at hand to install them: ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi
echo "Installing: ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
