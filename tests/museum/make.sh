#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the plugins of the museum from the sources of this checkout: make.sh OUTPUT KIST
# KIST is the program `kist`, which writes the projects in C and Rust. What is kept of a version is never made anew: this says
# how it was made, and makes the folder of the next one.
set -euo pipefail
output=$(realpath -m "$1")
kist=$(realpath "$2")
here=$(dirname "$(realpath "$0")")
root=$(realpath "$here/../..")
mkdir -p "$output"
cd "$root"

compile=(-Os -fPIC -shared -fvisibility=hidden -ffunction-sections -fdata-sections "-ffile-prefix-map=$root/=" -Isdk/include)
link=(-Wl,--version-script=sdk/cmake/kist_plugin.map -Wl,-z,defs,-z,now,-z,relro,-z,nodelete,-z,noexecstack,--gc-sections -s)
cpp=(-std=c++20 -fvisibility-inlines-hidden "${compile[@]}" plugins/memory/memory_store.cpp "${link[@]}")

g++-12 -fno-gnu-unique "${cpp[@]}" -o "$output/cpp-gcc.so"
g++-12 -fno-gnu-unique -D_GLIBCXX_USE_CXX11_ABI=0 "${cpp[@]}" -o "$output/cpp-gcc-old-strings.so"
g++-12 -fno-gnu-unique "${cpp[@]}" -static-libstdc++ -static-libgcc -o "$output/cpp-gcc-static.so"
clang++-14 "${cpp[@]}" -o "$output/cpp-clang.so"
# libc++.so.1 is not among the libraries that a plugin may need (KP-22).
clang++-14 -stdlib=libc++ "${cpp[@]}" -nostdlib++ -Wl,-Bstatic -lc++ -lc++abi -Wl,-Bdynamic -o "$output/cpp-clang-libcxx.so"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for language in c rust; do
  "$kist" plugin new museum --lang $language --id org.example.museum --directory "$folder/$language" > "$folder/log"
done
c=(-std=c11 "${compile[@]}" "-ffile-prefix-map=$folder/=" "$folder"/c/*.c "${link[@]}")
gcc-12 "${c[@]}" -o "$output/c-gcc.so"
clang-14 "${c[@]}" -o "$output/c-clang.so"

cd "$folder/rust"
export CARGO_PROFILE_RELEASE_OPT_LEVEL=z CARGO_PROFILE_RELEASE_STRIP=symbols
RUSTFLAGS="--remap-path-prefix=$folder= --remap-path-prefix=$HOME=" cargo build --release --quiet
cp target/release/libkist_plugin_museum.so "$output/rust.so"

cd "$output"
chmod 644 ./*.so
sha256sum ./*.so > SHA256SUMS
