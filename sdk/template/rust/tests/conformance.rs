// SPDX-License-Identifier: Apache-2.0
//! Builds the plugin as it ships, puts it where kist.json looks for it, and lets Kist judge it.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::Once;

/// Runs a program in the project's directory. It must be there.
fn run(program: &str, arguments: &[&str]) -> Output {
    Command::new(program)
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
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
fn plugin() -> String {
    static BUILT: Once = Once::new();
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).parent().expect("target/tmp").to_owned();
    let directory = target.join("plugins");
    let plugin = directory.join("sample.so");
    BUILT.call_once(|| {
        let target = target.to_str().expect("a path in UTF-8");
        expect_success(&run(env!("CARGO"), &["build", "--release", "--offline", "--target-dir", target]));
        fs::create_dir_all(&directory).expect("target/plugins can be made");
        let built = PathBuf::from(target).join("release/libkist_plugin_sample.so");
        let next = directory.join("next");
        fs::copy(built, &next).expect("the plugin can be copied");
        fs::set_permissions(&next, fs::Permissions::from_mode(0o755)).expect("the copy is ours");
        fs::rename(next, &plugin).expect("the old copy can be replaced");
    });
    plugin.to_str().expect("a path in UTF-8").to_owned()
}

#[test]
fn the_file_keeps_the_rules_that_are_checked_before_it_is_loaded() {
    expect_success(&kist(&["plugin", "check", "--strict", &plugin()]));
}

#[test]
fn the_store_keeps_the_contract() {
    expect_success(&kist(&["plugin", "test", &plugin(), "--config", "test.json"]));
}
