#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Writes what abidw reads of the ABI of a folder of headers: make_baseline.sh HEADERS OUTPUT
set -euo pipefail
here=$(dirname "$(realpath "$0")")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
gcc-12 -std=c11 -g -shared -fPIC "-ffile-prefix-map=$here/=" -I"$1" "$here/reach.c" -o "$folder/plugin.so"
# No names of this machine's directories: the file is the same wherever it is made.
abidw --no-corpus-path --no-comp-dir-path --no-show-locs "$folder/plugin.so" --out-file "$2"
