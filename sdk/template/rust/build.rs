// SPDX-License-Identifier: Apache-2.0

use std::env;
use std::process::Command;

/// How the plugin is linked: every symbol is found when it is loaded, and never later; what the
/// loader has filled in is read-only; no stack is executable; and the code stays mapped, for a
/// thread may still run a destructor of it.
const LINKER_KEYWORDS: [&str; 5] = ["defs", "now", "relro", "noexecstack", "nodelete"];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    for keyword in LINKER_KEYWORDS {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,{keyword}");
    }
    println!("cargo:rustc-env=KIST_BUILD_ARCH={}", variable("CARGO_CFG_TARGET_ARCH"));
    println!("cargo:rustc-env=KIST_BUILD_COMPILER={}", compiler());
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("cargo has not set {name}"))
}

/// "rustc 1.63.0", for the manifest.
fn compiler() -> String {
    let output = Command::new(variable("RUSTC")).arg("--version").output().expect("rustc runs");
    let text = String::from_utf8(output.stdout).expect("rustc's version is UTF-8");
    text.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
}
