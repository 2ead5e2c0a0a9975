// SPDX-License-Identifier: Apache-2.0

use std::fmt;

/// A UUID (RFC 4122). The host makes them; a store only keeps them.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Uuid(pub [u8; 16]);

impl Uuid {
    /// The 32 digits in lower case alone.
    pub fn to_hex(self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Takes 32 hex digits of either case, with hyphens anywhere or nowhere; nothing for all else.
    pub fn parse(text: &str) -> Option<Uuid> {
        let digits: Vec<u8> = text
            .chars()
            .filter(|&c| c != '-')
            .map(|c| c.to_digit(16).map(|digit| digit as u8))
            .collect::<Option<_>>()?;
        if digits.len() != 32 {
            return None;
        }
        let mut uuid = Uuid([0; 16]);
        for (byte, pair) in uuid.0.iter_mut().zip(digits.chunks(2)) {
            *byte = pair[0] << 4 | pair[1];
        }
        Some(uuid)
    }
}

/// "3f0c2d4e-…" in lower case with hyphens.
impl fmt::Display for Uuid {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        let hex = self.to_hex();
        let (a, b, c, d, e) = (&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]);
        write!(out, "{a}-{b}-{c}-{d}-{e}")
    }
}
