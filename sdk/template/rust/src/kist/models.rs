// SPDX-License-Identifier: Apache-2.0

use std::collections::BTreeMap;

use super::{SecretValue, Uuid};

/// What a secret's name is unique in (ST-2): its workspace, or its workspace and its owner.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Scope {
    Workspace = 1,
    User = 2,
}

impl Scope {
    pub fn from_number(number: u32) -> Option<Scope> {
        match number {
            1 => Some(Scope::Workspace),
            2 => Some(Scope::User),
            _ => None,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Scope::Workspace => "workspace",
            Scope::User => "user",
        }
    }
}

/// Everything about a secret but its values. The host sets the ids and the times; the store, which
/// never looks at a clock, counts the revision.
pub struct Metadata {
    pub id: Uuid,
    pub workspace_id: Uuid,
    /// The owner.
    pub user_id: Uuid,
    /// 1 to 255 code points, compared byte by byte.
    pub name: String,
    pub scope: Scope,
    /// Microseconds since 1970, UTC.
    pub created_us: i64,
    pub updated_us: i64,
    pub revision: u64,
}

impl Metadata {
    /// The text that no two records of a store may share (ST-2): scope, workspace, owner where the
    /// scope is `user`, and name.
    pub fn unique_name(&self) -> String {
        let (letter, owner) = match self.scope {
            Scope::Workspace => ('w', String::new()),
            Scope::User => ('u', self.user_id.to_hex()),
        };
        format!("{letter}{}{owner}{}", self.workspace_id.to_hex(), self.name)
    }
}

/// In the order of the keys' bytes, as the host wants them.
pub type Values = BTreeMap<Vec<u8>, SecretValue>;

pub struct Secret {
    pub metadata: Metadata,
    pub values: Values,
}

/// What a listing says of a record (ST-9).
pub enum Row {
    Whole(Metadata),
    /// What is stored failed its check: only its id is sure.
    Damaged(Uuid),
}

impl Row {
    pub fn metadata(&self) -> Option<&Metadata> {
        match self {
            Row::Whole(metadata) => Some(metadata),
            Row::Damaged(_) => None,
        }
    }
}

/// One key of a patch, with its new value; without one, the key goes.
pub struct Change<'a> {
    pub key: &'a [u8],
    pub value: Option<&'a [u8]>,
}

/// A change to a secret: only what is present changes (ST-10).
pub struct Update<'a> {
    pub id: Uuid,
    pub name: Option<String>,
    pub scope: Option<Scope>,
    pub patch: Option<Vec<Change<'a>>>,
    /// With `patch`: it is the whole new map, and what is stored need not be readable (ST-16).
    pub replaces_values: bool,
    pub updated_us: i64,
    /// ST-13.
    pub if_revision: Option<u64>,
}
