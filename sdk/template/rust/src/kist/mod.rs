// SPDX-License-Identifier: Apache-2.0
//! What a store in Rust needs between itself and the C ABI of Kist: take it as it is. A store
//! implements RecordStore, and lib.rs declares the plugin with define_plugin!.

pub mod abi;
mod error;
mod host;
mod manifest_note;
mod models;
mod plugin;
mod record_store;
mod secret_value;
mod uuid;

pub use error::{Code, Error, Result};
pub use host::{Call, Host};
pub use manifest_note::{note_size, ManifestNote};
pub use models::{Change, Metadata, Row, Scope, Secret, Update, Values};
pub(crate) use plugin::define_plugin;
pub use plugin::{capability, open, table};
pub use record_store::{Options, RecordStore, WriteResult};
pub use secret_value::SecretValue;
pub use uuid::Uuid;
