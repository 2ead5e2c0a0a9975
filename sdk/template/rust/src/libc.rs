// SPDX-License-Identifier: Apache-2.0
//! What the standard library does not offer of the C library of Linux.

use std::fs::File;
use std::io;
use std::os::unix::io::{AsRawFd, RawFd};

#[cfg(target_arch = "aarch64")]
pub const O_NOFOLLOW: i32 = 0o100000;
#[cfg(target_arch = "x86_64")]
pub const O_NOFOLLOW: i32 = 0o400000;

pub const EPERM: i32 = 1;
pub const EACCES: i32 = 13;
pub const ENFILE: i32 = 23;
pub const EMFILE: i32 = 24;
pub const ENOSPC: i32 = 28;
pub const EROFS: i32 = 30;
pub const EDQUOT: i32 = 122;

const CLOCK_MONOTONIC: i32 = 1;
const LOCK_EX: i32 = 2;
const LOCK_NB: i32 = 4;
const POLLIN: i16 = 1;

#[repr(C)]
struct Timespec {
    seconds: i64,
    nanoseconds: i64,
}

#[repr(C)]
struct PollFd {
    descriptor: RawFd,
    events: i16,
    returned: i16,
}

extern "C" {
    fn clock_gettime(clock: i32, time: *mut Timespec) -> i32;
    fn flock(descriptor: RawFd, operation: i32) -> i32;
    fn poll(descriptors: *mut PollFd, count: u64, timeout_ms: i32) -> i32;
}

/// CLOCK_MONOTONIC in nanoseconds, which deadlines are given in.
pub fn monotonic_ns() -> i64 {
    let mut time = Timespec { seconds: 0, nanoseconds: 0 };
    unsafe { clock_gettime(CLOCK_MONOTONIC, &mut time) };
    time.seconds * 1_000_000_000 + time.nanoseconds
}

/// Whether the lock is ours now. It goes when `file` is closed.
pub fn try_lock(file: &File) -> io::Result<bool> {
    if unsafe { flock(file.as_raw_fd(), LOCK_EX | LOCK_NB) } == 0 {
        return Ok(true);
    }
    let error = io::Error::last_os_error();
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted => Ok(false),
        _ => Err(error),
    }
}

/// Returns once `descriptor` is readable, or after so long; negative ones are never readable.
pub fn wait_readable(descriptor: RawFd, timeout_ms: i32) {
    let mut descriptor = PollFd { descriptor, events: POLLIN, returned: 0 };
    unsafe { poll(&mut descriptor, 1, timeout_ms) };
}
