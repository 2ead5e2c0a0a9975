#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
  cat <<'TEXT'
Builds Kist and runs all of its tests.

  tests/run.sh [STEP ...]

Steps, in the order in which they are given; without one: dev
  dev      g++, warnings are errors: every test
  clang    clang, the same; not among all, for the next two are clang too
  asan     clang with AddressSanitizer and UndefinedBehaviorSanitizer, plugins too
  tsan     clang with ThreadSanitizer, plugins too: what has more than one thread
  fuzz     each fuzzer for FUZZ_SECONDS (60), starting from its corpus
  all      dev, asan, tsan, fuzz

Examples
  tests/run.sh
  tests/run.sh dev asan
  FUZZ_SECONDS=600 tests/run.sh fuzz

What is missing is installed first, by .ci/prerequisites.sh (Debian, as root); nothing is when nothing is missing.
A build stays in build/STEP, and the next run goes on from there.
TEXT
}

steps=()
for word in "${@:-dev}"; do
  case "$word" in
    -h | --help) usage; exit 0 ;;
    all) steps+=(dev asan tsan fuzz) ;;
    dev | clang | asan | tsan | fuzz) steps+=("$word") ;;
    *) echo "tests/run.sh: there is no step '$word'; expected dev, clang, asan, tsan, fuzz or all" >&2; exit 2 ;;
  esac
done

.ci/prerequisites.sh

# Where the compiler's cache is installed, a second build costs seconds.
if command -v ccache > /dev/null; then
  export CMAKE_C_COMPILER_LAUNCHER=ccache CMAKE_CXX_COMPILER_LAUNCHER=ccache
  export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1  # The same for every checkout, wherever it lies.
fi
# Symbols in the sanitizers' reports; a leak in a plugin counts like one of ours.
export ASAN_OPTIONS="detect_leaks=1:strict_string_checks=1:${ASAN_OPTIONS:-}"
export TSAN_OPTIONS="second_deadlock_stack=1:${TSAN_OPTIONS:-}"

started=$SECONDS
for step in "${steps[@]}"; do
  began=$SECONDS
  echo "== $step =="
  if [ "$step" = fuzz ]; then
    tests/fuzz/run.sh
  else
    mkdir -p build
    cmake --preset "$step" > "build/$step.configure.log" 2>&1 || { cat "build/$step.configure.log"; exit 1; }
    cmake --build --preset "$step"
    ctest --preset "$step"
  fi
  echo "== $step: passed in $((SECONDS - began)) s =="
done
echo "all steps passed in $((SECONDS - started)) s: ${steps[*]}"
