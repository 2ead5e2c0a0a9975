#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the fuzzers of the preset clang, as many at once as there are cores:   tests/fuzz/run.sh [NAME ...]
# Each for FUZZ_SECONDS (60), from its corpus. New inputs go into build/clang/fuzz; the corpus is only read.
set -euo pipefail
cd "$(dirname "$0")/../.."

names=("$@")
if [ $# -eq 0 ]; then
  mapfile -t names < <(sed -n 's/^kist_add_fuzzer(\([a-z_]*\).*/\1/p' tests/fuzz/CMakeLists.txt)
fi
export FUZZ_SECONDS=${FUZZ_SECONDS:-60}
cmake --preset clang > /dev/null
cmake --build --preset clang --target "${names[@]/#/kist_fuzz_}"

fuzz() {
  local work=build/clang/fuzz/$1
  mkdir -p "$work"
  if "build/clang/bin/kist_fuzz_$1" -max_total_time="$FUZZ_SECONDS" -timeout=10 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix="$work." "$work" "tests/fuzz/corpus/$1" > "$work.log" 2>&1; then
    echo "fuzz: $1: $(sed -n 's/^stat::number_of_executed_units: *//p' "$work.log") inputs, nothing found"
  else
    grep -E -A 20 'ERROR:|deadly signal' "$work.log" || tail -n 20 "$work.log"
    grep 'Base64:' "$work.log" || true
    echo "fuzz: $1: FAILED; the input is at $work.*"
    return 1
  fi
}
export -f fuzz

echo "fuzz: ${#names[@]} fuzzers, $FUZZ_SECONDS s each"
printf '%s\n' "${names[@]}" | xargs -P "$(nproc)" -I{} bash -c 'fuzz {}'
