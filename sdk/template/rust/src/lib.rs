// SPDX-License-Identifier: Apache-2.0

mod kist;
mod libc;
mod record_file;
mod sample_store;

kist::define_plugin! {
    id: "org.example.sample",
    vendor: "Example Vendor",
    store: sample_store::SampleStore,
    store_type: "sample",
    capabilities: [persistent, if_revision, local],
    options: r#"[{
        "name": "root", "kind": "path", "required": true,
        "description": "Directory that holds one file per secret."
    }]"#,
}
