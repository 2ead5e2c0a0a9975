// SPDX-License-Identifier: Apache-2.0

use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

use super::{abi, Code, Error, Host, Result};

/// Bytes that stay secret: in memory that the host locks where it can, and wipes when they are
/// dropped. There is no Debug and no Clone, so that no copy is made by accident.
pub struct SecretValue {
    memory: NonNull<u8>,
    size: usize,
    host: Host,
}

// The bytes have one owner, and the host takes them back on any thread.
unsafe impl Send for SecretValue {}

impl SecretValue {
    /// So many zeros. Errors: resource_exhausted.
    pub fn zeros(host: Host, size: usize) -> Result<SecretValue> {
        // An allocation of no bytes may be null, or not: ask for one.
        let memory = unsafe { (host.table().secure_alloc)(size.max(1)) };
        let memory = NonNull::new(memory)
            .ok_or_else(|| Error::new(Code::ResourceExhausted, "the host has no memory for secrets left"))?;
        unsafe { memory.as_ptr().write_bytes(0, size) };
        Ok(SecretValue { memory, size, host })
    }

    /// Errors: resource_exhausted.
    pub fn copy_of(host: Host, bytes: &[u8]) -> Result<SecretValue> {
        let mut value = SecretValue::zeros(host, bytes.len())?;
        value.copy_from_slice(bytes);
        Ok(value)
    }
}

impl Deref for SecretValue {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        unsafe { abi::slice(self.memory.as_ptr(), self.size) }
    }
}

impl DerefMut for SecretValue {
    fn deref_mut(&mut self) -> &mut [u8] {
        unsafe { std::slice::from_raw_parts_mut(self.memory.as_ptr(), self.size) }
    }
}

impl Drop for SecretValue {
    fn drop(&mut self) {
        unsafe { (self.host.table().secure_free)(self.memory.as_ptr(), self.size.max(1)) };
    }
}
