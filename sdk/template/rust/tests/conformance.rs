// SPDX-License-Identifier: Apache-2.0
//! Builds the plugin as it ships, puts it where kist.json looks for it, and lets Kist judge it.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Once;

const PROJECT: &str = env!("CARGO_MANIFEST_DIR");

/// Runs a program in the project's directory. It must be there.
fn run(program: &str, arguments: &[&str]) -> Output {
    Command::new(program)
        .args(arguments)
        .current_dir(PROJECT)
        .output()
        .unwrap_or_else(|error| panic!("cannot run '{program}': {error}"))
}

/// What the program wrote is the message, if it fails.
fn expect_success(output: &Output) {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}\n{out}{err}", output.status);
}

/// `kist` is looked for in the PATH; KIST_EXECUTABLE names another.
fn kist(arguments: &[&str]) -> Output {
    run(&env::var("KIST_EXECUTABLE").unwrap_or_else(|_| "kist".into()), arguments)
}

/// The plugin in target/plugins. A copy: the file that cargo builds has a second hard link, and
/// would be refused (KP-19).
fn plugin() -> &'static str {
    static BUILT: Once = Once::new();
    BUILT.call_once(|| {
        expect_success(&run(env!("CARGO"), &["build", "--release", "--offline", "--target-dir", "target"]));
        let target = Path::new(PROJECT).join("target");
        let (directory, next) = (target.join("plugins"), target.join("plugins/next"));
        fs::create_dir_all(&directory).expect("target/plugins can be made");
        fs::copy(target.join("release/libkist_plugin_sample.so"), &next).expect("the plugin can be copied");
        fs::set_permissions(&next, fs::Permissions::from_mode(0o755)).expect("the copy is ours");
        fs::rename(next, directory.join("sample.so")).expect("the old copy can be replaced");
    });
    "target/plugins/sample.so"
}

#[test]
fn the_file_keeps_the_rules_that_are_checked_before_it_is_loaded() {
    expect_success(&kist(&["plugin", "check", "--strict", plugin()]));
}

#[test]
fn the_store_keeps_the_contract() {
    expect_success(&kist(&["plugin", "test", plugin(), "--config", "test.json"]));
}
