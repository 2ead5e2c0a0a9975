// SPDX-License-Identifier: Apache-2.0
//! One secret in one file: a header, the name, then for each value two sizes, the key and the
//! bytes. Numbers are in the byte order of the machine. Values go from the file straight into
//! memory that is wiped.
//!
//! | bytes of the header | hold |
//! |---|---|
//! | 0–7 | "kistdir1" |
//! | 8–55 | the ids of secret, workspace and user |
//! | 56–63 | scope, size of the name: 32 bits each |
//! | 64–95 | created, updated, revision, number of values: 64 bits each |
//! | 96–103 | checksum of all that follows the name |
//! | 104–111 | checksum of the header up to here, and the name |

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::kist::{Code, Error, Host, Metadata, Result, Row, Scope, Secret, SecretValue, Uuid, Values};
use crate::libc;

const MAGIC: [u8; 8] = *b"kistdir1";
const HEADER_SIZE: usize = 112;
const METADATA_CHECKSUM: usize = 104;

/// What the system says, as an error of this store: "sample: cannot open '…': Permission denied".
pub fn failure(doing: &str, path: &Path, error: &io::Error) -> Error {
    let code = match error.raw_os_error() {
        Some(libc::ENOSPC | libc::EDQUOT | libc::EMFILE | libc::ENFILE) => Code::ResourceExhausted,
        Some(libc::EACCES | libc::EPERM | libc::EROFS) => Code::FailedPrecondition,
        _ => Code::Unavailable,
    };
    Error::new(code, format!("sample: cannot {doing} '{}': {error}", path.display()))
}

/// FNV-1a: finds a damaged record. It keeps nobody from forging one; the mode 0600 does.
pub struct Checksum(u64);

impl Checksum {
    pub fn new() -> Checksum {
        Checksum(0xcbf2_9ce4_8422_2325)
    }

    pub fn add(&mut self, bytes: &[u8]) -> &mut Checksum {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        self
    }

    pub fn get(&self) -> u64 {
        self.0
    }
}

/// Writes `secret` to `path`, whatever was there, and syncs it.
pub fn write_record(path: &Path, secret: &Secret) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600).custom_flags(libc::O_NOFOLLOW);
    let mut file = options.open(path).map_err(|error| failure("create", path, &error))?;
    write_secret(&mut file, secret).map_err(|error| failure("write", path, &error))?;
    file.sync_all().map_err(|error| failure("sync", path, &error))
}

/// Every piece goes to the file by itself: a buffer in between would not be wiped.
fn write_secret(file: &mut File, secret: &Secret) -> io::Result<()> {
    let mut values_checksum = Checksum::new();
    each_piece(&secret.values, |piece| {
        values_checksum.add(piece);
        Ok(())
    })?;
    file.write_all(&header(secret, values_checksum.get())?)?;
    file.write_all(secret.metadata.name.as_bytes())?;
    each_piece(&secret.values, |piece| file.write_all(piece))
}

/// Hands the bytes of the values to `take`, piece by piece, as they lie in the file.
fn each_piece(values: &Values, mut take: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    for (key, value) in values {
        take(&size(key)?.to_ne_bytes())?;
        take(&size(value)?.to_ne_bytes())?;
        take(key)?;
        take(value)?;
    }
    Ok(())
}

fn size(bytes: &[u8]) -> io::Result<u32> {
    u32::try_from(bytes.len()).map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "a part is too large"))
}

fn header(secret: &Secret, values_checksum: u64) -> io::Result<Vec<u8>> {
    let metadata = &secret.metadata;
    let mut header = Vec::with_capacity(HEADER_SIZE);
    header.extend(MAGIC);
    header.extend(metadata.id.0);
    header.extend(metadata.workspace_id.0);
    header.extend(metadata.user_id.0);
    header.extend((metadata.scope as u32).to_ne_bytes());
    header.extend(size(metadata.name.as_bytes())?.to_ne_bytes());
    header.extend(metadata.created_us.to_ne_bytes());
    header.extend(metadata.updated_us.to_ne_bytes());
    header.extend(metadata.revision.to_ne_bytes());
    header.extend((secret.values.len() as u64).to_ne_bytes());
    header.extend(values_checksum.to_ne_bytes());
    let checksum = Checksum::new().add(&header).add(metadata.name.as_bytes()).get();
    header.extend(checksum.to_ne_bytes());
    Ok(header)
}

/// Takes the members of a header one after the other.
struct HeaderReader<'a>(&'a [u8]);

impl HeaderReader<'_> {
    fn take<const SIZE: usize>(&mut self) -> [u8; SIZE] {
        let (member, rest) = self.0.split_at(SIZE);
        self.0 = rest;
        let mut bytes = [0; SIZE];
        bytes.copy_from_slice(member);
        bytes
    }
    fn uuid(&mut self) -> Uuid {
        Uuid(self.take())
    }
    fn u32(&mut self) -> u32 {
        u32::from_ne_bytes(self.take())
    }
    fn u64(&mut self) -> u64 {
        u64::from_ne_bytes(self.take())
    }
    fn i64(&mut self) -> i64 {
        i64::from_ne_bytes(self.take())
    }
}

/// Reads one record. A record that is damaged is no error: each part says whether it is whole.
pub struct RecordReader {
    file: File,
    id: Uuid,
    /// Bytes of the file that are not read yet.
    left: u64,
    value_count: u64,
    values_checksum: u64,
}

impl RecordReader {
    /// Nothing, if there is no such file.
    pub fn open(path: &Path, id: Uuid) -> Result<Option<RecordReader>> {
        let opened = OpenOptions::new().read(true).custom_flags(libc::O_NOFOLLOW).open(path);
        let file = match opened {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failure("open", path, &error)),
        };
        let left = file.metadata().map_err(|error| failure("read", path, &error))?.len();
        Ok(Some(RecordReader { file, id, left, value_count: 0, values_checksum: 0 }))
    }

    /// Everything but the values. To be called first, once.
    pub fn row(&mut self) -> Row {
        self.metadata().map_or(Row::Damaged(self.id), Row::Whole)
    }

    fn metadata(&mut self) -> Option<Metadata> {
        let mut header = [0; HEADER_SIZE];
        self.read(&mut header)?;
        let mut members = HeaderReader(&header);
        if members.take() != MAGIC || members.uuid() != self.id {
            return None;
        }
        let (workspace_id, user_id) = (members.uuid(), members.uuid());
        let (scope, name_size) = (members.u32(), members.u32());
        let (created_us, updated_us, revision) = (members.i64(), members.i64(), members.u64());
        self.value_count = members.u64();
        self.values_checksum = members.u64();
        let name = self.read_new(name_size)?;
        if Checksum::new().add(&header[..METADATA_CHECKSUM]).add(&name).get() != members.u64() {
            return None;
        }
        let name = String::from_utf8(name).ok()?;
        let scope = Scope::from_number(scope)?;
        Some(Metadata { id: self.id, workspace_id, user_id, name, scope, created_us, updated_us, revision })
    }

    /// To be called once, behind a row() that is whole. Nothing, if they are damaged. Errors:
    /// resource_exhausted.
    pub fn values(&mut self, host: Host) -> Result<Option<Values>> {
        let mut values = Values::new();
        let mut checksum = Checksum::new();
        for _ in 0..self.value_count {
            match self.value(host, &mut checksum)? {
                Some((key, value)) => values.insert(key, value),
                None => return Ok(None),
            };
        }
        let is_whole = checksum.get() == self.values_checksum && self.left == 0;
        Ok(is_whole.then_some(values))
    }

    fn value(&mut self, host: Host, checksum: &mut Checksum) -> Result<Option<(Vec<u8>, SecretValue)>> {
        let mut sizes = [0; 8];
        if self.read(&mut sizes).is_none() {
            return Ok(None);
        }
        let mut members = HeaderReader(&sizes);
        let (key_size, value_size) = (members.u32(), members.u32());
        let key = match self.read_new(key_size) {
            Some(key) if u64::from(value_size) <= self.left => key,
            _ => return Ok(None),
        };
        let mut value = SecretValue::zeros(host, value_size as usize)?;
        if self.read(&mut value).is_none() {
            return Ok(None);
        }
        checksum.add(&sizes).add(&key).add(&value);
        Ok(Some((key, value)))
    }

    /// So many bytes; nothing, if the file has not as many.
    fn read_new(&mut self, size: u32) -> Option<Vec<u8>> {
        if u64::from(size) > self.left {
            return None;
        }
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(size as usize).ok()?;
        bytes.resize(size as usize, 0);
        self.read(&mut bytes)?;
        Some(bytes)
    }

    /// Nothing at the end of the file, and when the disk cannot read it.
    fn read(&mut self, bytes: &mut [u8]) -> Option<()> {
        let left = self.left.checked_sub(bytes.len() as u64)?;
        self.file.read_exact(bytes).ok()?;
        self.left = left;
        Some(())
    }
}
