// SPDX-License-Identifier: Apache-2.0
//! Turns calls of the ABI into calls of a RecordStore, and results into answers: the static tables
//! of a plugin with one store.

use std::mem::size_of;
use std::panic::{catch_unwind, set_hook, AssertUnwindSafe};

use super::record_store;
use super::{abi, Call, Change, Code, Error, Host, Metadata, Options, RecordStore, Result, Scope};
use super::{Secret, SecretValue, Update, Values};

/// What the host holds between open() and close().
struct Opened<S> {
    host: Host,
    store: S,
}

/// The barrier: runs `body`, and turns whatever comes out of it into a status (KP-4).
fn guard(host: Host, call: *mut abi::Call, body: impl FnOnce(&Call) -> Result<()>) -> abi::Status {
    let call = unsafe { Call::new(host, call) };
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        call.check()?; // So that a store which never waits need not think of ST-17.
        body(&call)
    }));
    match outcome {
        Ok(Ok(())) => abi::OK,
        Ok(Err(error)) => call.fail(&error),
        Err(_) => call.fail(&Error::new(Code::Internal, "the plugin panicked; the log says where")),
    }
}

/// A panic's own words may hold anything: only its place goes to the log (KP-15), and nothing to
/// standard error, which is the host's (KP-14).
fn log_panics(host: Host) {
    set_hook(Box::new(move |panic| {
        if let Some(place) = panic.location() {
            host.log_error(&format!("panicked at {}:{}", place.file(), place.line()));
        }
    }));
}

unsafe fn run<S>(
    store: *mut abi::Store,
    call: *mut abi::Call,
    body: impl FnOnce(&S, &Call) -> Result<()>,
) -> abi::Status {
    let opened = &*store.cast::<Opened<S>>();
    guard(opened.host, call, |call| body(&opened.store, call))
}

pub unsafe extern "C" fn open<S: RecordStore>(
    host: *const abi::Host,
    call: *mut abi::Call,
    request: *const abi::OpenRequest,
    store: *mut *mut abi::Store,
) -> abi::Status {
    let host = match Host::new(host) {
        Some(host) => host,
        None => return Code::Internal.status(), // The entry point refuses such a host.
    };
    guard(host, call, |call| {
        log_panics(host);
        let request = abi::read(request);
        let options = Options(abi::slice(request.options, request.option_count));
        let opened = Opened { host, store: S::open(call, request.deployment_id, &options)? };
        *store = Box::into_raw(Box::new(opened)).cast();
        Ok(())
    })
}

unsafe extern "C" fn create_secret<S: RecordStore>(
    store: *mut abi::Store,
    call: *mut abi::Call,
    request: *const abi::CreateRequest,
) -> abi::Status {
    run(store, call, |store: &S, call| {
        let secret = secret_from(call.host(), &abi::read(request))?;
        record_store::create(store, call, &secret)?;
        call.send(&secret)
    })
}

unsafe extern "C" fn get_secret<S: RecordStore>(
    store: *mut abi::Store,
    call: *mut abi::Call,
    request: *const abi::GetRequest,
) -> abi::Status {
    run(store, call, |store: &S, call| call.send(&record_store::get(store, call, abi::read(request).id)?))
}

unsafe extern "C" fn list_secrets<S: RecordStore>(
    store: *mut abi::Store,
    call: *mut abi::Call,
    _request: *const abi::ListRequest,
) -> abi::Status {
    run(store, call, |store: &S, call| store.scan(call, &mut |row| call.send_row(row)))
}

unsafe extern "C" fn update_secret<S: RecordStore>(
    store: *mut abi::Store,
    call: *mut abi::Call,
    request: *const abi::UpdateRequest,
) -> abi::Status {
    run(store, call, |store: &S, call| {
        let update = update_from(&abi::read(request))?;
        call.send(&record_store::update(store, call, &update)?)
    })
}

unsafe extern "C" fn delete_secret<S: RecordStore>(
    store: *mut abi::Store,
    call: *mut abi::Call,
    request: *const abi::DeleteRequest,
) -> abi::Status {
    run(store, call, |store: &S, call| {
        let request = abi::read(request);
        let is_conditional = request.flags & abi::DELETE_IF_REVISION != 0;
        let if_revision = is_conditional.then_some(request.if_revision);
        record_store::delete(store, call, request.id, if_revision)
    })
}

unsafe extern "C" fn close<S: RecordStore>(store: *mut abi::Store) {
    // There is nobody to tell of a panic; the log has it.
    let _ = catch_unwind(|| drop(Box::from_raw(store.cast::<Opened<S>>())));
}

fn wrong(member: &str, expected: &str) -> Error {
    Error::new(Code::InvalidArgument, format!("the {member} is not {expected}"))
}

unsafe fn name_from(name: abi::Bytes) -> Result<String> {
    let name = std::str::from_utf8(abi::view(name)).map_err(|_| wrong("name", "UTF-8"))?;
    Ok(name.to_owned())
}

fn scope_from(scope: u32) -> Result<Scope> {
    Scope::from_number(scope).ok_or_else(|| wrong("scope", "workspace or user"))
}

unsafe fn secret_from(host: Host, request: &abi::CreateRequest) -> Result<Secret> {
    if request.record.is_null() {
        return Err(wrong("record of the request", "there"));
    }
    let record = abi::read(request.record);
    let metadata = Metadata {
        id: record.id,
        workspace_id: record.workspace_id,
        user_id: record.user_id,
        name: name_from(record.name)?,
        scope: scope_from(record.scope)?,
        created_us: record.created_us,
        updated_us: record.updated_us,
        revision: record.revision,
    };
    let mut values = Values::new();
    for given in abi::slice(request.values, request.value_count) {
        let value = SecretValue::copy_of(host, abi::view(given.value))?;
        values.insert(abi::view(given.key).to_vec(), value);
    }
    Ok(Secret { metadata, values })
}

/// Borrows the patch of `request`.
unsafe fn update_from<'a>(request: &abi::UpdateRequest) -> Result<Update<'a>> {
    let has = |flag| request.flags & flag != 0;
    let changes: &'a [abi::Value] = abi::slice(request.values, request.value_count);
    let change = |given: &abi::Value| Change {
        key: abi::view(given.key),
        value: (given.remove == 0).then(|| abi::view(given.value)),
    };
    Ok(Update {
        id: request.id,
        name: has(abi::UPDATE_NAME).then(|| name_from(request.name)).transpose()?,
        scope: has(abi::UPDATE_SCOPE).then(|| scope_from(request.scope)).transpose()?,
        patch: has(abi::UPDATE_VALUES).then(|| changes.iter().map(change).collect()),
        replaces_values: has(abi::UPDATE_REPLACE),
        updated_us: request.updated_us,
        if_revision: has(abi::UPDATE_IF_REVISION).then_some(request.if_revision),
    })
}

pub const fn table<S: RecordStore>() -> abi::StoreTable {
    abi::StoreTable {
        struct_size: size_of::<abi::StoreTable>() as u32,
        reserved: 0,
        create_secret: create_secret::<S>,
        get_secret: get_secret::<S>,
        list_secrets: list_secrets::<S>,
        update_secret: update_secret::<S>,
        delete_secret: delete_secret::<S>,
        health: None, // A store that is open can serve.
        get_extension: None,
        close: close::<S>,
    }
}

/// The bit of a capability that the manifest names.
pub const fn capability(name: &str) -> u64 {
    match name.as_bytes() {
        b"persistent" => abi::CAP_PERSISTENT,
        b"if_revision" => abi::CAP_IF_REVISION,
        b"local" => abi::CAP_LOCAL,
        b"encrypts_at_rest" => abi::CAP_ENCRYPTS_AT_REST,
        _ => panic!("a capability is persistent, if_revision, local or encrypts_at_rest"),
    }
}

/// Declares the plugin: its manifest, its tables and the one symbol that it exports. Version,
/// license and summary are those of Cargo.toml. `options` is as in the manifest: a list in JSON.
macro_rules! define_plugin {
    (
        id: $id:literal,
        vendor: $vendor:literal,
        store: $store:ty,
        store_type: $type:literal,
        capabilities: [$($capability:ident),*],
        options: $options:literal,
    ) => {
        const MANIFEST: &str = concat!(
            r#"{"manifest":1,"id":""#, $id, r#"","version":""#, env!("CARGO_PKG_VERSION"),
            r#"","vendor":""#, $vendor, r#"","license":""#, env!("CARGO_PKG_LICENSE"),
            r#"","summary":""#, env!("CARGO_PKG_DESCRIPTION"),
            r#"","abi":{"major":1,"minor":0},"build":{"arch":""#, env!("KIST_BUILD_ARCH"),
            r#"","compiler":""#, env!("KIST_BUILD_COMPILER"),
            r#""},"stores":[{"type":""#, $type, r#"","summary":""#, env!("CARGO_PKG_DESCRIPTION"),
            r#"","threading":"concurrent","capabilities":["scan""#,
            $(r#",""#, stringify!($capability), r#"""#,)*
            r#"],"max_secret_bytes":1048576,"options":"#, $options, "}]}",
        );

        #[used]
        #[link_section = ".note.kist"]
        static MANIFEST_NOTE: crate::kist::ManifestNote<{ crate::kist::note_size(MANIFEST) }> =
            crate::kist::ManifestNote::new(MANIFEST);

        static TABLE: crate::kist::abi::StoreTable = crate::kist::table::<$store>();

        static STORE_TYPE: crate::kist::abi::StoreType = crate::kist::abi::StoreType {
            struct_size: std::mem::size_of::<crate::kist::abi::StoreType>() as u32,
            threading: crate::kist::abi::THREADING_CONCURRENT,
            capabilities: crate::kist::abi::CAP_SCAN
                $(| crate::kist::capability(stringify!($capability)))*,
            name: concat!($type, "\0").as_ptr(),
            table: &TABLE,
            open: crate::kist::open::<$store>,
        };

        static STORE_TYPES: [Option<&crate::kist::abi::StoreType>; 2] = [Some(&STORE_TYPE), None];

        static PLUGIN: crate::kist::abi::Plugin = crate::kist::abi::Plugin {
            struct_size: std::mem::size_of::<crate::kist::abi::Plugin>() as u32,
            abi_major: crate::kist::abi::MAJOR,
            abi_minor: crate::kist::abi::MINOR,
            id: concat!($id, "\0").as_ptr(),
            version: concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr(),
            store_types: STORE_TYPES.as_ptr(),
        };

        /// Null, if the host lacks what the plugin calls.
        ///
        /// # Safety
        /// `host` is a host's, and valid for the life of the process.
        #[no_mangle]
        pub unsafe extern "C" fn kist_plugin_v1(
            host: *const crate::kist::abi::Host,
        ) -> *const crate::kist::abi::Plugin {
            match crate::kist::Host::new(host) {
                Some(_) => &PLUGIN,
                None => std::ptr::null(),
            }
        }
    };
}
pub(crate) use define_plugin;
