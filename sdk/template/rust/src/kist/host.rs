// SPDX-License-Identifier: Apache-2.0

use std::mem::size_of;
use std::os::unix::io::RawFd;

use super::{abi, Code, Error, Metadata, Result, Row, Scope, Secret, Uuid};
use crate::libc;

/// What the host offers, for the life of the process.
#[derive(Clone, Copy)]
pub struct Host(&'static abi::Host);

// Its table is read only, and its functions for any thread are those of this type.
unsafe impl Send for Host {}
unsafe impl Sync for Host {}

impl Host {
    /// Nothing, if the host lacks a function of ABI 1.0 that is called here.
    ///
    /// # Safety
    /// `host` is what the host passed to the entry point, or to open().
    pub unsafe fn new(host: *const abi::Host) -> Option<Host> {
        const FIRST: usize = 3; // `fail`, in words.
        const COUNT: usize = 12; // Up to `log`.
        if host.is_null() || (host.cast::<u32>().read() as usize) < size_of::<abi::Host>() {
            return None;
        }
        let functions = abi::slice(host.cast::<usize>().add(FIRST), COUNT);
        functions.iter().all(|&function| function != 0).then(|| Host(&*host))
    }

    pub(super) fn table(&self) -> &'static abi::Host {
        self.0
    }

    /// One line for the operator, never with a secret.
    pub fn log_error(&self, message: &str) {
        unsafe { (self.0.log)(self.0, abi::LOG_ERROR, abi::bytes(message.as_bytes())) };
    }
}

/// One call of the host. It stays on the call's thread: it is neither Send nor Sync.
pub struct Call {
    host: Host,
    call: *mut abi::Call,
}

impl Call {
    /// # Safety
    /// `call` is what the host passed, and runs for as long as this lives.
    pub(super) unsafe fn new(host: Host, call: *mut abi::Call) -> Call {
        Call { host, call }
    }

    pub fn host(&self) -> Host {
        self.host
    }

    /// Fails once the caller has given up or time is up (ST-17). Errors: cancelled,
    /// deadline_exceeded.
    pub fn check(&self) -> Result<()> {
        if unsafe { (self.host.0.is_cancelled)(self.call) } != 0 {
            return Err(Error::new(Code::Cancelled, "the caller gave up"));
        }
        if libc::monotonic_ns() >= unsafe { (self.host.0.deadline_ns)(self.call) } {
            return Err(Error::new(Code::DeadlineExceeded, "the time for the call is up"));
        }
        Ok(())
    }

    /// Readable once the call is cancelled; negative if there is none. The host's.
    pub fn cancel_fd(&self) -> RawFd {
        unsafe { (self.host.0.cancel_fd)(self.call) }
    }

    pub(super) fn fail(&self, error: &Error) -> abi::Status {
        let report = abi::Error {
            struct_size: size_of::<abi::Error>() as u32,
            flags: 0,
            message: abi::bytes(error.message.as_bytes()),
            backend_code: abi::bytes(b""),
            retry_after_ms: 0,
            reserved: 0,
        };
        unsafe { (self.host.0.fail)(self.call, error.code.status(), &report) }
    }

    /// The result of create, get and update.
    pub(super) fn send(&self, secret: &Secret) -> Result<()> {
        expect_ok(unsafe { (self.host.0.secret_begin)(self.call, &record(&secret.metadata)) })?;
        for (key, value) in &secret.values {
            let memory = unsafe { (self.host.0.value_reserve)(self.call, abi::bytes(key), value.len()) };
            if memory.is_null() {
                return Err(Error::new(Code::ResourceExhausted, "the host has no room for the secret"));
            }
            unsafe { memory.copy_from_nonoverlapping(value.as_ptr(), value.len()) };
            expect_ok(unsafe { (self.host.0.value_commit)(self.call, value.len()) })?;
        }
        Ok(())
    }

    /// One row of a list. False: no more are wanted (KP-12).
    pub(super) fn send_row(&self, row: &Row) -> Result<bool> {
        let record = match row {
            Row::Whole(metadata) => record(metadata),
            Row::Damaged(id) => damaged_record(*id),
        };
        match unsafe { (self.host.0.list_item)(self.call, &record) } {
            abi::ENOUGH => Ok(false),
            status => expect_ok(status).map(|()| true),
        }
    }
}

const EMPTY_RECORD: abi::Record = abi::Record {
    struct_size: size_of::<abi::Record>() as u32,
    flags: 0,
    id: Uuid([0; 16]),
    workspace_id: Uuid([0; 16]),
    user_id: Uuid([0; 16]),
    name: abi::Bytes { data: std::ptr::null(), size: 0 },
    scope: 0,
    reserved: 0,
    created_us: 0,
    updated_us: 0,
    revision: 0,
};

/// Without a user it would be seen by nobody, had it not the scope `workspace`: then the host shows
/// it to those who may see all workspaces, and they can delete it (ST-16).
fn damaged_record(id: Uuid) -> abi::Record {
    abi::Record { flags: abi::RECORD_UNREADABLE, id, scope: Scope::Workspace as u32, ..EMPTY_RECORD }
}

/// Borrows `metadata`.
fn record(metadata: &Metadata) -> abi::Record {
    abi::Record {
        id: metadata.id,
        workspace_id: metadata.workspace_id,
        user_id: metadata.user_id,
        name: abi::bytes(metadata.name.as_bytes()),
        scope: metadata.scope as u32,
        created_us: metadata.created_us,
        updated_us: metadata.updated_us,
        revision: metadata.revision,
        ..EMPTY_RECORD
    }
}

/// Fails with what the host answered to a result, if it does not want it.
fn expect_ok(status: abi::Status) -> Result<()> {
    match status {
        abi::OK => Ok(()),
        _ => Err(Error::new(Code::from_status(status), "the host refused the result")),
    }
}
