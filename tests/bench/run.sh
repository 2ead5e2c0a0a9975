#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
cd "$(dirname "$0")/../.."

if [ "${1:-}" = --help ] || [ "${1:-}" = -h ]; then
  cat <<'TEXT'
Measures Kist beside what limits it, in one run, and prints one table: median, limit, ratio, aim.

  tests/bench/run.sh [FILTER]      a regular expression of Google Benchmark, such as 'boundary|sqlite_get'

Builds the preset `release` first. The table's figures go to build/release/bench.json too.
TEXT
  exit 0
fi

.ci/prerequisites.sh
cmake --preset release -DKIST_BUILD_TESTS=ON > /dev/null
cmake --build --preset release --target kist_bench
cd build/release
echo "measuring; the lists are filled with up to a million secrets first, which takes a minute or two" >&2
bin/kist_bench --benchmark_filter="${1:-.}" --benchmark_repetitions="${REPETITIONS:-5}" \
  --benchmark_enable_random_interleaving=true --benchmark_min_time=0.2 \
  --benchmark_out=bench.raw.json --benchmark_out_format=json > bench.log
python3 ../../tests/bench/report.py bench.raw.json bench.json
