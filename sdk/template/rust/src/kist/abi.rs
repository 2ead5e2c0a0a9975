// SPDX-License-Identifier: Apache-2.0
//! The ABI of Kist: types.h, host.h, store.h and plugin.h of its SDK, where each member is
//! described. What a plugin does not use is left out, but for the members of structs.

use std::ffi::c_void;
use std::mem::size_of;

use super::uuid::Uuid;

pub const MAJOR: u16 = 1;
pub const MINOR: u16 = 0;

pub type Status = i32;
pub const OK: Status = 0;
pub const ENOUGH: Status = 100;

pub const LOG_ERROR: i32 = 4;

pub const RECORD_UNREADABLE: u32 = 1 << 0;

pub const UPDATE_NAME: u32 = 1 << 0;
pub const UPDATE_SCOPE: u32 = 1 << 1;
pub const UPDATE_VALUES: u32 = 1 << 2;
pub const UPDATE_REPLACE: u32 = 1 << 3;
pub const UPDATE_IF_REVISION: u32 = 1 << 4;

pub const DELETE_IF_REVISION: u32 = 1 << 0;

pub const THREADING_CONCURRENT: u32 = 1;

pub const CAP_SCAN: u64 = 1 << 0;
pub const CAP_PERSISTENT: u64 = 1 << 2;
pub const CAP_IF_REVISION: u64 = 1 << 3;
pub const CAP_LOCAL: u64 = 1 << 4;
pub const CAP_ENCRYPTS_AT_REST: u64 = 1 << 5;

/// The host's, for the time of one call.
#[repr(C)]
pub struct Call {
    _opaque: [u8; 0],
}

/// The plugin's own, from open() to close().
#[repr(C)]
pub struct Store {
    _opaque: [u8; 0],
}

/// Declares structs as C lays them out, and checks at compile time that each member lies at the
/// offset before it, and that the struct has the size behind its name.
macro_rules! c_structs {
    ($(
        $(#[$attribute:meta])*
        $name:ident: $size:literal { $($offset:literal => $member:ident: $type:ty,)* }
    )*) => {$(
        $(#[$attribute])*
        #[repr(C)]
        #[derive(Clone, Copy)]
        pub struct $name {
            $(pub $member: $type,)*
        }
        const _: () = check_layout(size_of::<$name>(), $size, &[$(($offset, size_of::<$type>())),*]);
    )*};
}

/// No struct of the ABI has padding: each member begins where the one before it ends.
#[allow(dead_code)] // rustc 1.63 does not see its uses in constants.
const fn check_layout(size: usize, expected_size: usize, members: &[(usize, usize)]) {
    let mut end = 0;
    let mut i = 0;
    while i < members.len() {
        assert!(members[i].0 == end, "a member lies elsewhere than in the ABI");
        end += members[i].1;
        i += 1;
    }
    assert!(end == size && size == expected_size, "a struct is not as large as in the ABI");
}

c_structs! {
    Bytes: 16 {
        0 => data: *const u8,
        8 => size: usize,
    }

    Record: 104 {
        0 => struct_size: u32,
        4 => flags: u32,
        8 => id: Uuid,
        24 => workspace_id: Uuid,
        40 => user_id: Uuid,
        56 => name: Bytes,
        72 => scope: u32,
        76 => reserved: u32,
        80 => created_us: i64,
        88 => updated_us: i64,
        96 => revision: u64,
    }

    Value: 40 {
        0 => key: Bytes,
        16 => value: Bytes,
        32 => remove: u32,
        36 => reserved: u32,
    }

    ConfigOption: 40 {
        0 => name: Bytes,
        16 => text: Bytes,
        32 => kind: u32,
        36 => flags: u32,
    }

    Error: 48 {
        0 => struct_size: u32,
        4 => flags: u32,
        8 => message: Bytes,
        24 => backend_code: Bytes,
        40 => retry_after_ms: u32,
        44 => reserved: u32,
    }

    /// A function that is not there is null, which no function pointer of Rust may be: see
    /// Host::new() before a reference to this is made.
    Host: 128 {
        0 => struct_size: u32,
        4 => abi_minor: u32,
        8 => name: *const u8,
        16 => version: *const u8,
        24 => fail: unsafe extern "C" fn(*mut Call, Status, *const Error) -> Status,
        32 => deadline_ns: unsafe extern "C" fn(*const Call) -> i64,
        40 => is_cancelled: unsafe extern "C" fn(*const Call) -> i32,
        48 => cancel_fd: unsafe extern "C" fn(*mut Call) -> i32,
        56 => secret_begin: unsafe extern "C" fn(*mut Call, *const Record) -> Status,
        64 => value_reserve: unsafe extern "C" fn(*mut Call, Bytes, usize) -> *mut u8,
        72 => value_commit: unsafe extern "C" fn(*mut Call, usize) -> Status,
        80 => list_item: unsafe extern "C" fn(*mut Call, *const Record) -> Status,
        88 => list_total: unsafe extern "C" fn(*mut Call, u64) -> Status,
        96 => secure_alloc: unsafe extern "C" fn(usize) -> *mut u8,
        104 => secure_free: unsafe extern "C" fn(*mut u8, usize),
        112 => log: unsafe extern "C" fn(*const Host, i32, Bytes),
        120 => get_service: Option<unsafe extern "C" fn(*const Host, *const u8) -> *const c_void>,
    }

    OpenRequest: 40 {
        0 => struct_size: u32,
        4 => flags: u32,
        8 => deployment_id: Uuid,
        24 => options: *const ConfigOption,
        32 => option_count: usize,
    }

    CreateRequest: 32 {
        0 => struct_size: u32,
        4 => flags: u32,
        8 => record: *const Record,
        16 => values: *const Value,
        24 => value_count: usize,
    }

    GetRequest: 24 {
        0 => struct_size: u32,
        4 => flags: u32,
        8 => id: Uuid,
    }

    UpdateRequest: 80 {
        0 => struct_size: u32,
        4 => flags: u32,
        8 => id: Uuid,
        24 => name: Bytes,
        40 => scope: u32,
        44 => reserved: u32,
        48 => updated_us: i64,
        56 => if_revision: u64,
        64 => values: *const Value,
        72 => value_count: usize,
    }

    DeleteRequest: 32 {
        0 => struct_size: u32,
        4 => flags: u32,
        8 => id: Uuid,
        24 => if_revision: u64,
    }

    /// What a `scan` store is asked for, which it need not read.
    ListRequest: 8 {
        0 => struct_size: u32,
        4 => flags: u32,
    }

    StoreTable: 72 {
        0 => struct_size: u32,
        4 => reserved: u32,
        8 => create_secret: unsafe extern "C" fn(*mut Store, *mut Call, *const CreateRequest) -> Status,
        16 => get_secret: unsafe extern "C" fn(*mut Store, *mut Call, *const GetRequest) -> Status,
        24 => list_secrets: unsafe extern "C" fn(*mut Store, *mut Call, *const ListRequest) -> Status,
        32 => update_secret: unsafe extern "C" fn(*mut Store, *mut Call, *const UpdateRequest) -> Status,
        40 => delete_secret: unsafe extern "C" fn(*mut Store, *mut Call, *const DeleteRequest) -> Status,
        48 => health: Option<unsafe extern "C" fn(*mut Store, *mut Call) -> Status>,
        56 => get_extension: Option<unsafe extern "C" fn(*mut Store, *const u8) -> *const c_void>,
        64 => close: unsafe extern "C" fn(*mut Store),
    }

    StoreType: 40 {
        0 => struct_size: u32,
        4 => threading: u32,
        8 => capabilities: u64,
        16 => name: *const u8,
        24 => table: *const StoreTable,
        32 => open: unsafe extern "C" fn(*const Host, *mut Call, *const OpenRequest, *mut *mut Store) -> Status,
    }

    Plugin: 32 {
        0 => struct_size: u32,
        4 => abi_major: u16,
        6 => abi_minor: u16,
        8 => id: *const u8,
        16 => version: *const u8,
        24 => store_types: *const Option<&'static StoreType>,
    }
}

// Static data that nobody changes; the texts behind the pointers too.
unsafe impl Sync for StoreType {}
unsafe impl Sync for Plugin {}

/// Borrows `bytes` for as long as the caller has them.
pub fn bytes(bytes: &[u8]) -> Bytes {
    Bytes { data: bytes.as_ptr(), size: bytes.len() }
}

/// What lies behind a pointer and a count.
///
/// # Safety
/// `data` points to `count` objects that live for 'a, or `count` is 0.
pub unsafe fn slice<'a, T>(data: *const T, count: usize) -> &'a [T] {
    if count == 0 {
        return &[];
    }
    std::slice::from_raw_parts(data, count)
}

/// The bytes that somebody else owns.
///
/// # Safety
/// They live for 'a.
pub unsafe fn view<'a>(bytes: Bytes) -> &'a [u8] {
    slice(bytes.data, bytes.size)
}

/// A struct that starts with `struct_size`, and for which all bits zero are a value: no members
/// but numbers, UUIDs and raw pointers.
///
/// # Safety
/// It is as the first sentence says.
pub unsafe trait Growable: Copy {}
unsafe impl Growable for Record {}
unsafe impl Growable for OpenRequest {}
unsafe impl Growable for CreateRequest {}
unsafe impl Growable for GetRequest {}
unsafe impl Growable for UpdateRequest {}
unsafe impl Growable for DeleteRequest {}

/// A copy of what the host passed: members beyond its `struct_size` are zero, and what it has
/// beyond ours is passed over (KP-7).
///
/// # Safety
/// `given` points to as many bytes as its `struct_size` says.
pub unsafe fn read<T: Growable>(given: *const T) -> T {
    let size = (given.cast::<u32>().read() as usize).min(size_of::<T>());
    let mut result = std::mem::MaybeUninit::<T>::zeroed();
    std::ptr::copy_nonoverlapping(given.cast::<u8>(), result.as_mut_ptr().cast(), size);
    result.assume_init()
}
