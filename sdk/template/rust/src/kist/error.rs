// SPDX-License-Identifier: Apache-2.0

use super::abi;

/// What became of a call, sorted by what the caller can do next. See types.h of the SDK.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub enum Code {
    NotFound = 1,
    AlreadyExists = 2,
    Conflict = 3,
    InvalidArgument = 4,
    FailedPrecondition = 5,
    PermissionDenied = 6,
    Unauthenticated = 7,
    StoreDenied = 8,
    ResourceExhausted = 9,
    Unavailable = 10,
    DeadlineExceeded = 11,
    Cancelled = 12,
    Indeterminate = 13,
    Corrupt = 14,
    Unimplemented = 15,
    Internal = 16,
}

impl Code {
    const ALL: [Code; 16] = [
        Code::NotFound,
        Code::AlreadyExists,
        Code::Conflict,
        Code::InvalidArgument,
        Code::FailedPrecondition,
        Code::PermissionDenied,
        Code::Unauthenticated,
        Code::StoreDenied,
        Code::ResourceExhausted,
        Code::Unavailable,
        Code::DeadlineExceeded,
        Code::Cancelled,
        Code::Indeterminate,
        Code::Corrupt,
        Code::Unimplemented,
        Code::Internal,
    ];

    pub fn status(self) -> abi::Status {
        self as abi::Status
    }

    /// A number that has no name reads as internal.
    pub fn from_status(status: abi::Status) -> Code {
        let found = Code::ALL.into_iter().find(|code| code.status() == status);
        found.unwrap_or(Code::Internal)
    }
}

/// Why a call fails: one sentence that names the thing, never with a secret.
pub struct Error {
    pub code: Code,
    pub message: String,
}

pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub fn new(code: Code, message: impl Into<String>) -> Error {
        Error { code, message: message.into() }
    }
}
