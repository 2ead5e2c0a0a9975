#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
cd "$(dirname "$0")/../.."

if [ "${1:-}" = --help ] || [ "${1:-}" = -h ]; then
  cat <<'TEXT'
Measures Kist beside what limits it, in one run, and prints one table: median, limit, ratio, aim.

  tests/bench/run.sh [FILTER]      a regular expression of Google Benchmark, such as 'boundary|sqlite_get'
  tests/bench/run.sh http          the server alone

Without an argument, the server is measured behind the rest, beside bare Beast, nginx and the disk: ROUNDS (5) rounds,
QUICK=1 to see only that it works. Builds the preset `release` first. The tables' figures go to build/release/bench.json.
TEXT
  exit 0
fi

.ci/prerequisites.sh bench
cmake --preset release -DKIST_BUILD_TESTS=ON > /dev/null
http() {
  cmake --build --preset release --target kist_host kist_plugin_sqlite kist_bare_beast
  tests/bench/http/run.py build/release/bin build/release/bench.http.json
}

micro() {
  cmake --build --preset release --target kist_bench
  echo "measuring; the lists are filled with up to a million secrets first, which takes a minute or two" >&2
  (cd build/release && bin/kist_bench --benchmark_filter="$1" --benchmark_repetitions="${REPETITIONS:-5}" \
    --benchmark_enable_random_interleaving=true --benchmark_min_time=0.2 \
    --benchmark_out=bench.raw.json --benchmark_out_format=json > bench.log)
}

raw=build/release/bench.raw.json from_http=build/release/bench.http.json
rm -f "$raw" "$from_http"
[ "${1:-}" = http ] || micro "${1:-.}"
case "${1:-}" in "" | http) http ;; esac
tests/bench/report.py build/release/bench.json "$raw" "$from_http"
