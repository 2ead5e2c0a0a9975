// SPDX-License-Identifier: Apache-2.0

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use super::{abi, Call, Code, Error, Metadata, Result, Row, Secret, SecretValue, Update, Uuid, Values};

/// What a write of a RecordStore came to.
pub enum WriteResult {
    Done,
    /// No record has this id.
    Absent,
    /// A record with this id exists.
    IdTaken,
    /// Another record has this unique_name().
    NameTaken,
    /// The record's revision is not the expected one.
    Changed,
}

/// The options of a store's configuration, which the host has checked against the manifest.
pub struct Options<'a>(pub(super) &'a [abi::ConfigOption]);

impl Options<'_> {
    /// The value of an option of kind `path`, absolute. Errors: invalid_argument if it is not set.
    pub fn path(&self, name: &str) -> Result<PathBuf> {
        let named = |option: &&abi::ConfigOption| unsafe { abi::view(option.name) } == name.as_bytes();
        match self.0.iter().find(named) {
            Some(option) => Ok(OsStr::from_bytes(unsafe { abi::view(option.text) }).into()),
            None => Err(Error::new(Code::InvalidArgument, format!("the option '{name}' is not set"))),
        }
    }
}

/// A store over a back-end that is little more than a map: with these functions, every rule of the
/// contract holds, if each write is atomic and durable by itself, and refuses a taken id or
/// unique_name() under any concurrency (ST-3). Calls come on many threads at once.
pub trait RecordStore: Sized + Send + Sync {
    /// May talk to the back-end, within the deadline of `call`. A record that another deployment
    /// wrote must not exist for this one (ST-6).
    fn open(call: &Call, deployment_id: Uuid, options: &Options) -> Result<Self>;

    /// Adds a record. Gives Done, IdTaken or NameTaken.
    fn insert(&self, call: &Call, record: &Secret) -> Result<WriteResult>;

    /// The record, or nothing. Errors: corrupt.
    fn load(&self, call: &Call, id: Uuid) -> Result<Option<Secret>>;

    /// The same without values, which may be lost (ST-16).
    fn load_metadata(&self, call: &Call, id: Uuid) -> Result<Option<Metadata>>;

    /// Puts `record` in the place of the one with its id, if that one's revision is
    /// `expected_revision`. Gives Done, Absent, NameTaken or Changed.
    fn replace(&self, call: &Call, record: &Secret, expected_revision: u64) -> Result<WriteResult>;

    /// Removes the record, if its revision is `expected_revision` where one is given. Gives Done,
    /// Absent or Changed. Must work on a record that load() calls corrupt (ST-16).
    fn erase(&self, call: &Call, id: Uuid, expected_revision: Option<u64>) -> Result<WriteResult>;

    /// Hands every record to `visit`, in any order, until it gives false or fails.
    fn scan(&self, call: &Call, visit: &mut dyn FnMut(&Row) -> Result<bool>) -> Result<()>;
}

pub(super) fn create<S: RecordStore>(store: &S, call: &Call, secret: &Secret) -> Result<()> {
    match store.insert(call, secret)? {
        WriteResult::IdTaken => {
            let id = secret.metadata.id;
            Err(Error::new(Code::AlreadyExists, format!("a secret with id {id} exists")))
        }
        WriteResult::NameTaken => Err(name_taken(&secret.metadata)),
        _ => Ok(()),
    }
}

pub(super) fn get<S: RecordStore>(store: &S, call: &Call, id: Uuid) -> Result<Secret> {
    store.load(call, id)?.ok_or_else(|| not_found(id))
}

pub(super) fn update<S: RecordStore>(store: &S, call: &Call, update: &Update) -> Result<Secret> {
    loop {
        call.check()?;
        let mut secret = load_for(store, call, update)?;
        let revision = secret.metadata.revision;
        if let Some(expected) = update.if_revision.filter(|&expected| expected != revision) {
            return Err(conflict(update.id, expected));
        }
        apply(call, update, &mut secret)?;
        match store.replace(call, &secret, revision)? {
            WriteResult::Absent => return Err(not_found(update.id)),
            WriteResult::NameTaken => return Err(name_taken(&secret.metadata)),
            WriteResult::Changed => {} // Someone wrote in between: patch what they wrote (ST-14).
            _ => return Ok(secret),
        }
    }
}

pub(super) fn delete<S: RecordStore>(
    store: &S,
    call: &Call,
    id: Uuid,
    if_revision: Option<u64>,
) -> Result<()> {
    match store.erase(call, id, if_revision)? {
        WriteResult::Absent => Err(not_found(id)),
        WriteResult::Changed => Err(conflict(id, if_revision.unwrap_or(0))),
        _ => Ok(()),
    }
}

fn load_for<S: RecordStore>(store: &S, call: &Call, update: &Update) -> Result<Secret> {
    if !(update.patch.is_some() && update.replaces_values) {
        return get(store, call, update.id);
    }
    let metadata = store.load_metadata(call, update.id)?.ok_or_else(|| not_found(update.id))?;
    Ok(Secret { metadata, values: Values::new() })
}

fn apply(call: &Call, update: &Update, secret: &mut Secret) -> Result<()> {
    if let Some(name) = &update.name {
        secret.metadata.name = name.clone();
    }
    if let Some(scope) = update.scope {
        secret.metadata.scope = scope;
    }
    for change in update.patch.iter().flatten() {
        match change.value {
            Some(value) => {
                let value = SecretValue::copy_of(call.host(), value)?;
                secret.values.insert(change.key.to_vec(), value);
            }
            None => drop(secret.values.remove(change.key)),
        }
    }
    secret.metadata.updated_us = update.updated_us;
    secret.metadata.revision += 1;
    Ok(())
}

fn not_found(id: Uuid) -> Error {
    Error::new(Code::NotFound, format!("there is no secret with id {id}"))
}

fn name_taken(metadata: &Metadata) -> Error {
    let (name, scope) = (&metadata.name, metadata.scope.name());
    Error::new(Code::AlreadyExists, format!("a secret named '{name}' exists in the {scope} scope"))
}

fn conflict(id: Uuid, expected: u64) -> Error {
    Error::new(Code::Conflict, format!("secret {id} is not at revision {expected}"))
}
